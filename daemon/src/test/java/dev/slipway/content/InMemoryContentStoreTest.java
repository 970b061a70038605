package dev.slipway.content;

import dev.slipway.content.testing.ContentStoreContract;
import dev.slipway.content.testing.InMemoryContentStore;

final class InMemoryContentStoreTest extends ContentStoreContract {
  @Override
  protected ContentStore openStore() {
    return new InMemoryContentStore();
  }
}
