package dev.slipway.solver.cachekey.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.oci.Digest;
import dev.slipway.solver.cachekey.Alternative;
import dev.slipway.solver.cachekey.CacheKeyStore;
import dev.slipway.solver.cachekey.CacheKeyStoreContract;
import dev.slipway.solver.cachekey.KeyId;
import dev.slipway.solver.cachekey.KeyMatch;
import dev.slipway.task.Clock;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteCacheKeyStoreTest extends CacheKeyStoreContract {
  @TempDir private Path folder;

  @Override
  protected CacheKeyStore open() {
    return SqliteCacheKeyStore.open(folder.resolve("cachekeys.db"), Clock.system());
  }

  @Test
  void whatWasWrittenIsThereAfterOpeningAgain() {
    KeyId run = store().record(step(RUN, List.of(all(BASE), all(FILES))), result("r", 1));
    store().close();

    try (CacheKeyStore again = open()) {
      assertThat(again.follow(FILES, link(0, RUN))).extracting(KeyMatch::key).containsExactly(run);
      assertThat(again.keysOf("r")).containsExactly(run);
    }
  }

  @Test
  void whatMeantSomethingToOneRunOnlyIsForgottenByTheNext() {
    KeyId copy = store().record(step(COPY, List.of(all(SESSION), all(FILES))), result("r", 1));
    assertThat(store().follow(SESSION, link(0, COPY))).isNotEmpty();
    store().close();

    try (CacheKeyStore again = open()) {
      assertThat(again.follow(SESSION, link(0, COPY))).isEmpty();
      assertThat(again.follow(FILES, link(0, COPY)))
          .extracting(KeyMatch::key)
          .containsExactly(copy);
    }
  }

  @Test
  void aCopyTakenWithoutClosingIsWholeAsAfterAKill() throws Exception {
    for (int step = 0; step < 2_000; step++) {
      store()
          .record(
              step(Digest.ofText("step " + step), List.of(all(BASE))), result("r" + step, step));
    }
    Path copy = Files.createDirectory(folder.resolve("killed"));
    for (String name : List.of("cachekeys.db", "cachekeys.db-wal")) {
      Files.copy(folder.resolve(name), copy.resolve(name), StandardCopyOption.REPLACE_EXISTING);
    }

    try (CacheKeyStore after =
        SqliteCacheKeyStore.open(copy.resolve("cachekeys.db"), Clock.system())) {
      List<KeyId> walked = new ArrayList<>();
      after.walk(walked::add);
      walked.forEach(key -> assertThat(after.find(key)).isPresent());
    }
  }

  @Test
  void aRecordedResultOutlivesAKillAtOnce() throws Exception {
    KeyId step = store().record(step(COPY, List.of(all(FILES))), result("r", 1));
    Path copy = Files.createDirectory(folder.resolve("killed-at-once"));
    for (String name : List.of("cachekeys.db", "cachekeys.db-wal")) {
      Files.copy(folder.resolve(name), copy.resolve(name));
    }

    try (SqliteCacheKeyStore afterKill =
        SqliteCacheKeyStore.open(copy.resolve("cachekeys.db"), Clock.system())) {
      assertThat(afterKill.find(step).orElseThrow().results()).hasSize(1);
    }
  }

  @Test
  void aDamagedFileIsSetAsideAndReadAsFarAsPossible() throws IOException {
    for (int step = 0; step < 5_000; step++) {
      store()
          .record(
              step(Digest.ofText("step " + step), List.of(all(BASE))), result("r" + step, step));
    }
    store().close();
    Path file = folder.resolve("cachekeys.db");
    try (RandomAccessFile damaging = new RandomAccessFile(file.toFile(), "rw")) {
      damaging.setLength(damaging.length() / 2);
    }
    Files.createFile(folder.resolve("cachekeys.db.damage"));

    try (CacheKeyStore repaired = open()) {
      KeyId fresh = repaired.record(step(RUN, List.of(all(BASE))), result("new", 1));
      assertThat(repaired.find(fresh)).isPresent();
    }
    assertThat(folder.resolve("cachekeys.db.damaged")).exists();
    assertThat(folder.resolve("cachekeys.db.damage")).doesNotExist();
  }

  @Test
  void aDamagedFileLosesNothingThatCanBeRead() throws IOException {
    KeyId run = store().record(step(RUN, List.of(all(BASE)), List.of(all(FILES))), result("r", 1));
    store().close();
    Files.createFile(folder.resolve("cachekeys.db.damage"));

    try (CacheKeyStore repaired = open()) {
      assertThat(repaired.matches(step(RUN, List.of(all(BASE)), List.of(all(FILES)))))
          .extracting(KeyMatch::key)
          .containsExactly(run);
      assertThat(repaired.keysOf("r")).containsExactly(run);
    }
  }

  @Test
  void aFileThatIsNoDatabaseIsReplaced() throws IOException {
    store().close();
    Files.writeString(folder.resolve("cachekeys.db"), "this is not a database ".repeat(400));

    try (CacheKeyStore repaired = open()) {
      assertThat(repaired.find(BASE)).isEmpty();
      repaired.record(root(), result("r", 1));
      assertThat(repaired.find(BASE)).isPresent();
    }
  }

  /// The bounds are wide, for slow machines: what counts is that they do not grow with the store.
  @Test
  void aLargeStoreOpensAtOnceAndAnswersInMicroseconds() {
    int steps = 50_000;
    for (int step = 0; step < steps; step++) {
      KeyId before = KeyId.content(Digest.ofText("content " + step));
      store()
          .record(
              step(RUN, List.of(new Alternative(before, Optional.empty()))),
              result("r" + step, step));
    }
    store().close();

    long started = System.nanoTime();
    try (CacheKeyStore again = open()) {
      long opened = System.nanoTime();
      for (int step = 0; step < 10_000; step++) {
        KeyId before = KeyId.content(Digest.ofText("content " + step * 5));
        assertThat(again.follow(before, link(0, RUN))).hasSize(1);
      }
      long answered = System.nanoTime();
      System.out.printf(
          "open %.1f ms, look-up %.1f us%n",
          (opened - started) / 1e6, (answered - opened) / 1e3 / 10_000);
      assertThat(opened - started).isLessThan(1_000_000_000L);
      assertThat((answered - opened) / 10_000).isLessThan(1_000_000L);
    }
  }
}
