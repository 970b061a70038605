package dev.slipway.solver.cachekey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.oci.Digest;
import dev.slipway.solver.cachekey.CacheKeyView.Continuation;
import dev.slipway.solver.cachekey.CacheKeyView.Origin;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What every store of cache keys does.
public abstract class CacheKeyStoreContract {
  protected static final Digest RUN = Digest.ofText("run");
  protected static final Digest COPY = Digest.ofText("copy");
  protected static final KeyId BASE = KeyId.root(Digest.ofText("base"), 0, true);
  protected static final KeyId FILES = KeyId.content(Digest.ofText("files"));
  protected static final KeyId SESSION = KeyId.root(Digest.ofText("session"), 0, false);

  private CacheKeyStore store;

  /// A new, empty store; the suite closes it.
  protected abstract CacheKeyStore open();

  @BeforeEach
  void openStore() {
    store = open();
  }

  @AfterEach
  void closeStore() {
    store.close();
  }

  @Test
  void rootsHaveBuildKitsNames() {
    assertThat(KeyId.root(Digest.ofText("x"), 0, true).text())
        .isEqualTo(Digest.ofText(Digest.ofText("x") + "@0").toString());
    assertThat(KeyId.content(Digest.ofText("x")).text())
        .isEqualTo(Digest.ofText(Digest.ofText("x") + "@-1").toString());
    assertThat(KeyId.root(Digest.ofText("x"), 0, false).text()).startsWith("random:");
  }

  @Test
  void aRootIsKnownOnceItHasAResult() {
    assertThat(store.find(BASE)).isEmpty();

    assertThat(store.record(root(), result("r1", 1))).isEqualTo(BASE);

    assertThat(store.find(BASE)).contains(new KeyMatch(BASE, List.of(new KeyResult("r1", at(1)))));
  }

  @Test
  void aStepIsFoundThroughItsInput() {
    KeyId run = store.record(step(RUN, List.of(all(BASE))), result("r2", 2));

    assertThat(store.follow(BASE, link(0, RUN)))
        .containsExactly(new KeyMatch(run, List.of(new KeyResult("r2", at(2)))));
    assertThat(store.follow(BASE, link(1, RUN))).isEmpty();
    assertThat(store.follow(BASE, link(0, COPY))).isEmpty();
    assertThat(store.follow(BASE, new KeyLink(0, RUN, 1, Optional.empty()))).isEmpty();
    assertThat(store.follow(FILES, link(0, RUN))).isEmpty();
    assertThat(store.find(BASE)).as("known by its link").contains(new KeyMatch(BASE, List.of()));
  }

  @Test
  void aSelectorIsPartOfTheLink() {
    Digest selector = Digest.ofText("/etc");
    KeyId copy =
        store.record(
            step(COPY, List.of(new Alternative(BASE, Optional.of(selector)))), result("r", 1));

    assertThat(store.follow(BASE, new KeyLink(0, COPY, 0, Optional.of(selector))))
        .extracting(KeyMatch::key)
        .containsExactly(copy);
    assertThat(store.follow(BASE, link(0, COPY))).isEmpty();
  }

  @Test
  void aKeyMatchesThroughAnyAlternativeOfEveryInput() {
    KeyId copy =
        store.record(
            step(COPY, List.of(all(BASE)), List.of(all(SESSION), all(FILES))), result("r", 1));

    assertThat(keys(step(COPY, List.of(all(BASE)), List.of(all(FILES))))).containsExactly(copy);
    assertThat(keys(step(COPY, List.of(all(BASE)), List.of(all(SESSION))))).containsExactly(copy);
    assertThat(keys(step(COPY, List.of(all(FILES)), List.of(all(SESSION))))).isEmpty();
  }

  @Test
  void aRecordJoinsTheKeyItMatchesAndAddsItsAlternatives() {
    KeyId first = store.record(step(COPY, List.of(all(SESSION), all(FILES))), result("r1", 1));
    KeyId other = KeyId.root(Digest.ofText("other session"), 0, false);

    KeyId second = store.record(step(COPY, List.of(all(other), all(FILES))), result("r2", 2));

    assertThat(second).isEqualTo(first);
    assertThat(keys(step(COPY, List.of(all(other))))).containsExactly(first);
    assertThat(store.find(first).orElseThrow().results())
        .extracting(KeyResult::id)
        .containsExactly("r1", "r2");
  }

  @Test
  void differentInputsMakeDifferentKeys() {
    KeyId first = store.record(step(RUN, List.of(all(BASE))), result("r1", 1));
    KeyId second = store.record(step(RUN, List.of(all(FILES))), result("r2", 2));

    assertThat(first).isNotEqualTo(second);
    assertThat(store.record(step(RUN, List.of(all(BASE))), result("r1", 1)))
        .as("writing it twice")
        .isEqualTo(first);
    assertThat(store.find(first).orElseThrow().results()).hasSize(1);
  }

  @Test
  void oneResultMayHaveSeveralKeys() {
    KeyId first = store.record(root(), result("same", 1));
    KeyId second = store.record(step(RUN, List.of(all(BASE))), result("same", 1));

    assertThat(store.keysOf("same")).containsExactlyInAnyOrder(first, second);
    assertThat(store.keysOf("other")).isEmpty();
  }

  @Test
  void aRemovedResultTakesTheKeysWithItThatNothingElseNeeds() {
    store.record(root(), result("base", 1));
    KeyId run = store.record(step(RUN, List.of(all(BASE))), result("run", 2));
    KeyId last =
        store.record(step(COPY, List.of(all(run)), List.of(all(FILES))), result("last", 3));

    store.removeResult("run");
    assertThat(store.find(run)).as("leads on").contains(new KeyMatch(run, List.of()));
    assertThat(keys(step(COPY, List.of(all(run)), List.of(all(FILES))))).containsExactly(last);

    store.removeResult("last");
    assertThat(store.find(last)).isEmpty();
    assertThat(store.find(run)).isEmpty();
    assertThat(store.find(FILES)).isEmpty();
    assertThat(store.follow(BASE, link(0, RUN))).isEmpty();
    assertThat(store.find(BASE)).as("still has a result").isPresent();

    store.removeResult("unknown");
    store.removeResult("base");
    List<KeyId> left = new ArrayList<>();
    store.walk(left::add);
    assertThat(left).isEmpty();
  }

  @Test
  void theGraphCanBeWalkedInBothDirections() {
    KeyId run = store.record(step(RUN, List.of(all(BASE))), result("run", 1));
    KeyId copy =
        store.record(step(COPY, List.of(all(run)), List.of(all(FILES))), result("copy", 2));

    List<KeyId> walked = new ArrayList<>();
    store.walk(walked::add);
    assertThat(walked).containsExactlyInAnyOrder(BASE, FILES, run, copy);
    assertThat(store.origins(copy))
        .containsExactlyInAnyOrder(
            new Origin(run, link(0, COPY)), new Origin(FILES, link(1, COPY)));
    assertThat(store.origins(BASE)).isEmpty();
    assertThat(store.continuations(BASE)).containsExactly(new Continuation(link(0, RUN), run));
  }

  @Test
  void someKeyOfAnOperationIsFoundToExplainAMiss() {
    assertThat(store.anyOf(RUN, 0)).isEmpty();
    store.record(step(RUN, List.of(all(BASE))), result("r1", 1));
    KeyId newest = store.record(step(RUN, List.of(all(FILES))), result("r2", 2));

    assertThat(store.anyOf(RUN, 0)).contains(newest);
    assertThat(store.anyOf(RUN, 1)).isEmpty();
  }

  @Test
  void idsOfAnyFormAreKept() {
    KeyId imported = new KeyId("imported/ü 17");
    store.recordAs(imported, step(RUN, List.of(all(BASE))), result("r", 1));

    assertThat(store.follow(BASE, link(0, RUN)))
        .extracting(KeyMatch::key)
        .containsExactly(imported);
  }

  protected final CacheKeyStore store() {
    return store;
  }

  protected static KeyRecord root() {
    return new KeyRecord(Digest.ofText("base"), 0, true, List.of());
  }

  @SafeVarargs
  @SuppressWarnings("varargs")
  protected static KeyRecord step(Digest operation, List<Alternative>... inputs) {
    return new KeyRecord(operation, 0, true, List.of(inputs));
  }

  protected static Alternative all(KeyId key) {
    return new Alternative(key, Optional.empty());
  }

  protected static KeyLink link(int input, Digest operation) {
    return new KeyLink(input, operation, 0, Optional.empty());
  }

  protected static Optional<KeyResult> result(String id, long second) {
    return Optional.of(new KeyResult(id, at(second)));
  }

  protected static Instant at(long second) {
    return Instant.ofEpochSecond(second, 987_654_321);
  }

  private List<KeyId> keys(KeyRecord record) {
    return store.matches(record).stream().map(KeyMatch::key).toList();
  }
}
