package dev.slipway.ref;

import static dev.slipway.ref.testing.RefStoreFixture.STEP;
import static dev.slipway.ref.testing.RefStoreFixture.write;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.layer.LayerCompression;
import dev.slipway.oci.Descriptor;
import dev.slipway.ref.RefDescription.RecordType;
import dev.slipway.ref.testing.RefStoreFixture;
import dev.slipway.ref.testing.ToyLayers.ToyLayer;
import dev.slipway.snapshot.SnapshotName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is left after the process was killed at the worst moments.
final class CrashTest {
  private static final ToyLayer BASE = ToyLayer.gzipped("etc/os=toy", "bin/sh=shell");
  private static final ToyLayer SECOND = ToyLayer.gzipped("usr/x=x");
  private static final RefDescription CACHE =
      new RefDescription("cached mount /cache", RecordType.EXEC_CACHE_MOUNT);
  private static final RefDescription LOCAL =
      new RefDescription("local source for context", RecordType.SOURCE_LOCAL);

  @TempDir Path root;
  private RefStoreFixture fixture;

  @BeforeEach
  void open() {
    fixture = new RefStoreFixture(root);
  }

  @AfterEach
  void ledgerIsExact() {
    assertThat(fixture.store.verifyLedger()).isEmpty();
    fixture.close();
  }

  @Test
  void finishedStepsAreThereAfterAKill() {
    ImmutableRef base = fixture.step(Optional.empty(), "a=1");
    ImmutableRef top = fixture.step(Optional.of(base), "b=2");
    ImmutableRef merged = fixture.store.merge(List.of(base, top), STEP, fixture.context());

    fixture.killAndReopen();

    try (ImmutableRef found = fixture.store.find(top.id()).orElseThrow();
        ImmutableRef foundMerged = fixture.store.find(merged.id()).orElseThrow()) {
      assertThat(fixture.files(found)).isEqualTo(Map.of("a", "1", "b", "2"));
      assertThat(fixture.files(foundMerged)).isEqualTo(Map.of("a", "1", "b", "2"));
      assertThat(found.info().parents()).containsExactly(base.id());
    }
  }

  @Test
  void unfinishedStepIsSweptAfterAKill() {
    MutableRef running = fixture.store.newMutable(Optional.empty(), STEP, fixture.context());
    write(running, "half=written");

    fixture.killAndReopen();

    assertThat(fixture.store.usage()).isEmpty();
    assertThat(fixture.snapshotter.list()).isEmpty();
  }

  @Test
  void lazyImageIsStillLazyAndItsUnpackedLayersStillReal() {
    ImmutableRef base = fixture.image(BASE);
    base.unlazy(fixture.context());
    ImmutableRef image = fixture.image(BASE, SECOND);

    fixture.killAndReopen();

    fixture.fetcher.serve(SECOND.blob());
    try (ImmutableRef found = fixture.store.find(image.id()).orElseThrow()) {
      assertThat(found.lazy()).isTrue();
      assertThat(found.layers().getLast().origin())
          .contains(new LayerOrigin("registry", "example.org/image"));
      assertThat(fixture.files(found)).hasSize(3);
      assertThat(fixture.layers.applied).hasValue(1);
    }
    try (ImmutableRef again = fixture.image(BASE, SECOND)) {
      assertThat(again.id()).isEqualTo(image.id());
    }
  }

  @Test
  void exportedBlobsAreRememberedAfterAKill() {
    ImmutableRef made = fixture.step(Optional.empty(), "a=1");
    List<Descriptor> before =
        fixture.store.blobs(made, LayerCompression.DEFAULT, fixture.context());

    fixture.killAndReopen();

    try (ImmutableRef found = fixture.store.find(made.id()).orElseThrow()) {
      assertThat(fixture.store.blobs(found, LayerCompression.DEFAULT, fixture.context()))
          .isEqualTo(before);
      assertThat(fixture.layers.written).hasValue(0);
    }
  }

  @Test
  void cacheMountInUseIsKeptButHalfATransferIsNot() {
    MutableRef cache =
        fixture.store.openTagged("cache", Optional.empty(), CACHE, fixture.context());
    write(cache, "c=1");
    MutableRef local =
        fixture.store.openTagged("local", Optional.empty(), LOCAL, fixture.context());
    write(local, "half=transferred");

    fixture.killAndReopen();

    assertThat(fixture.store.usage()).extracting(RefInfo::id).containsExactly(cache.id());
    try (MutableRef again =
        fixture.store.openTagged("cache", Optional.empty(), CACHE, fixture.context())) {
      assertThat(again.id()).isEqualTo(cache.id());
    }
  }

  @Test
  void syncedDirectoryIsTakenUpAgainAfterAKill() {
    MutableRef local =
        fixture.store.openTagged("local", Optional.empty(), LOCAL, fixture.context());
    write(local, "a=1");
    ImmutableRef synced = local.commit();

    fixture.killAndReopen();

    assertThat(fixture.store.find(synced.id()).map(fixture::files)).contains(Map.of("a", "1"));
    fixture.killAndReopen();
    try (MutableRef again =
            fixture.store.openTagged("local", Optional.empty(), LOCAL, fixture.context());
        ImmutableRef next = again.commit()) {
      assertThat(fixture.files(next)).isEqualTo(Map.of("a", "1"));
    }
  }

  @Test
  void snapshotWithoutRecordIsSwept() {
    fixture.snapshotter.prepare(new SnapshotName("stray"), List.of());

    fixture.killAndReopen();

    assertThat(fixture.snapshotter.list()).isEmpty();
  }

  @Test
  void recordsWithoutTheirFilesAreDroppedWithAllThatStandsOnThem() throws IOException {
    ImmutableRef base = fixture.step(Optional.empty(), "a=1");
    ImmutableRef top = fixture.step(Optional.of(base), "b=2");
    ImmutableRef other = fixture.step(Optional.empty(), "o=1");
    fixture.snapshotter.remove(new SnapshotName(base.id().value()));

    fixture.killAndReopen();

    assertThat(fixture.store.find(base.id())).isEmpty();
    assertThat(fixture.store.find(top.id())).isEmpty();
    fixture.store.find(other.id()).orElseThrow().close();
    fixture.killAndReopen();
    assertThat(fixture.store.usage()).extracting(RefInfo::id).containsExactly(other.id());
  }

  @Test
  void imageLayerWhoseFilesAreGoneIsLazyAgain() {
    ImmutableRef image = fixture.image(BASE);
    image.unlazy(fixture.context());
    fixture.snapshotter.remove(new SnapshotName(image.id().value()));

    fixture.killAndReopen();

    try (ImmutableRef found = fixture.store.find(image.id()).orElseThrow()) {
      assertThat(found.lazy()).isTrue();
      assertThat(fixture.files(found)).containsKey("bin/sh");
    }
  }

  @Test
  void destroyedDatabaseMeansAnEmptyStoreThatWorks() {
    damage(
        fixture,
        file ->
            overwrite(file, "no database at all ".repeat(1000).getBytes(StandardCharsets.UTF_8)));

    assertThat(fixture.store.usage()).isEmpty();
    assertThat(fixture.snapshotter.list()).isEmpty();
    try (ImmutableRef made = fixture.step(Optional.empty(), "a=1")) {
      assertThat(fixture.files(made)).hasSize(1);
    }
  }

  @Test
  void damagedDatabaseLosesOnlySomeRecords() {
    for (int i = 0; i < 200; i++) {
      fixture.step(Optional.empty(), "file" + i + "=" + i).close();
    }
    fixture.store.close();
    damage(
        fixture,
        file -> {
          byte[] bytes = bytes(file);
          java.util.Arrays.fill(bytes, bytes.length / 2, bytes.length / 2 + 8192, (byte) 0x5a);
          overwrite(file, bytes);
        });

    List<RefInfo> left = fixture.store.usage();
    assertThat(left).hasSizeBetween(50, 199);
    for (RefInfo info : left) {
      try (ImmutableRef found = fixture.store.find(info.id()).orElseThrow()) {
        assertThat(fixture.files(found)).hasSize(1);
      }
    }
  }

  /// The log is folded into the file when the database is closed; then the file is damaged.
  private static void damage(RefStoreFixture fixture, Consumer<Path> damage) {
    ImmutableRef made = fixture.step(Optional.empty(), "a=1");
    made.close();
    fixture.killAndDamage(damage);
  }

  private static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException failed) {
      throw new java.io.UncheckedIOException(failed);
    }
  }

  private static void overwrite(Path file, byte[] bytes) {
    try {
      Files.write(file, bytes);
    } catch (IOException failed) {
      throw new java.io.UncheckedIOException(failed);
    }
  }
}
