package dev.slipway.solver.cachekey;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class CombinedCacheKeysTest extends CacheKeyStoreContract {
  private final InMemoryCacheKeyStore imported = new InMemoryCacheKeyStore();

  @Override
  protected CacheKeyStore open() {
    return new CombinedCacheKeys(new InMemoryCacheKeyStore(), List.of(imported));
  }

  @Test
  void aChainThatOnlyTheImportedCacheKnowsIsFoundLinkByLink() {
    KeyId run = new KeyId("theirs");
    imported.recordAs(run, step(RUN, List.of(all(BASE))), result("remote 1", 1));
    KeyId copy =
        imported.record(step(COPY, List.of(all(run)), List.of(all(FILES))), result("remote 2", 2));

    assertThat(store().follow(BASE, link(0, RUN))).extracting(KeyMatch::key).containsExactly(run);
    assertThat(store().matches(step(COPY, List.of(all(run)), List.of(all(FILES)))))
        .extracting(KeyMatch::key)
        .containsExactly(copy);
  }

  @Test
  void bothStoresAnswerAndTheOwnOneFirst() {
    imported.record(root(), result("shared", 1));
    imported.record(root(), result("remote", 2));
    store().record(root(), result("own", 3));
    store().record(root(), result("shared", 9));

    assertThat(store().find(BASE).orElseThrow().results())
        .containsExactly(
            new KeyResult("own", at(3)),
            new KeyResult("shared", at(9)),
            new KeyResult("remote", at(2)));
  }

  @Test
  void whatIsRecordedJoinsTheImportedKeyButIsWrittenToTheOwnStore() {
    KeyId theirs = imported.record(step(RUN, List.of(all(BASE))), result("remote", 1));

    assertThat(store().record(step(RUN, List.of(all(BASE), all(FILES))), result("own", 2)))
        .isEqualTo(theirs);

    assertThat(store().follow(FILES, link(0, RUN)))
        .extracting(KeyMatch::key)
        .containsExactly(theirs);
    assertThat(imported.follow(FILES, link(0, RUN))).isEmpty();
  }
}
