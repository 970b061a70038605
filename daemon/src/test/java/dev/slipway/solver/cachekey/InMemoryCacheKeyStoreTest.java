package dev.slipway.solver.cachekey;

class InMemoryCacheKeyStoreTest extends CacheKeyStoreContract {
  @Override
  protected CacheKeyStore open() {
    return new InMemoryCacheKeyStore();
  }
}
