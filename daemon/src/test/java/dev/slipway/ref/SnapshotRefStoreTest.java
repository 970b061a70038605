package dev.slipway.ref;

import static dev.slipway.ref.testing.RefStoreFixture.STEP;
import static dev.slipway.ref.testing.RefStoreFixture.sources;
import static dev.slipway.ref.testing.RefStoreFixture.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.content.IngestReader;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.CorruptData;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.Unavailable;
import dev.slipway.failure.WrongState;
import dev.slipway.layer.LayerCompression;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.DiffId;
import dev.slipway.oci.Digest;
import dev.slipway.oci.MediaType;
import dev.slipway.ref.RefDescription.RecordType;
import dev.slipway.ref.RefStore.LayerSource;
import dev.slipway.ref.testing.RefStoreFixture;
import dev.slipway.ref.testing.ToyLayers.ToyLayer;
import dev.slipway.task.TaskScope;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SnapshotRefStoreTest {
  private static final ToyLayer BASE = ToyLayer.gzipped("etc/os=toy", "bin/sh=shell");
  private static final ToyLayer SECOND = ToyLayer.gzipped("etc/os=toy 2", "usr/x=x");

  @TempDir Path root;
  private RefStoreFixture fixture;

  @BeforeEach
  void open() {
    fixture = new RefStoreFixture(root);
  }

  @AfterEach
  void leavesNoHoldsAndAnExactLedger() {
    assertThat(fixture.store.openHolds()).isZero();
    assertThat(fixture.snapshotter.mounted).hasValue(0);
    assertThat(fixture.store.verifyLedger()).isEmpty();
    fixture.close();
  }

  private RefStore store() {
    return fixture.store;
  }

  private static LayerCompression compression(LayerCompression.Kind kind, boolean force) {
    return new LayerCompression(kind, Optional.empty(), force, true);
  }

  @Test
  void stepsStackOnEachOther() {
    try (ImmutableRef first = fixture.step(Optional.empty(), "a=1", "b=1");
        ImmutableRef second = fixture.step(Optional.of(first), "b=2", "c=2")) {
      assertThat(fixture.files(second)).isEqualTo(Map.of("a", "1", "b", "2", "c", "2"));
      assertThat(fixture.files(first)).isEqualTo(Map.of("a", "1", "b", "1"));
      assertThat(second.info().parents()).containsExactly(first.id());
      assertThat(second.layers()).extracting(RefLayer::id).containsExactly(first.id(), second.id());
    }
  }

  @Test
  void uncommittedStepLeavesNothing() {
    try (MutableRef mutable = store().newMutable(Optional.empty(), STEP, fixture.context())) {
      write(mutable, "a=1");
      assertThat(store().find(mutable.id())).isEmpty();
    }

    assertThat(store().usage()).isEmpty();
    assertThat(fixture.snapshotter.list()).isEmpty();
  }

  @Test
  void spentMutableRefRefusesEverything() {
    MutableRef mutable = store().newMutable(Optional.empty(), STEP, fixture.context());
    mutable.commit().close();

    assertThatThrownBy(mutable::commit).isInstanceOf(WrongState.class);
    assertThatThrownBy(mutable::mounts).isInstanceOf(WrongState.class);
    mutable.close();
  }

  @Test
  void closedRefsAreFoundAgainWithTheirFiles() {
    RefId id;
    try (ImmutableRef made = fixture.step(Optional.empty(), "a=1")) {
      id = made.id();
      assertThat(id.value()).matches("[a-z0-9]{25}");
    }

    try (ImmutableRef found = store().find(id).orElseThrow()) {
      assertThat(fixture.files(found)).isEqualTo(Map.of("a", "1"));
      assertThat(found.id()).isEqualTo(id);
    }
    assertThat(store().find(RefId.random())).isEmpty();
  }

  @Test
  void sharedHoldOutlivesTheFirst() {
    ImmutableRef first = fixture.step(Optional.empty(), "a=1");
    ImmutableRef second = first.share();
    first.close();
    first.close();

    assertThat(store().openHolds()).isEqualTo(1);
    assertThat(fixture.files(second)).hasSize(1);
    assertThatThrownBy(first::mounts).isInstanceOf(WrongState.class);
    second.close();
  }

  @Test
  void everyUseIsCountedWhenItEnds() {
    ImmutableRef made = fixture.step(Optional.empty(), "a=1");
    assertThat(made.info().usageCount()).isZero();
    RefId id = made.id();
    made.close();
    store().find(id).orElseThrow().close();

    RefInfo info = store().usage().getFirst();
    assertThat(info.usageCount()).isEqualTo(2);
    assertThat(info.lastUsedAt()).contains(fixture.clock().now());
    assertThat(info.inUse()).isFalse();
  }

  @Test
  void imageIsLazyUntilItsFilesAreNeeded() {
    try (ImmutableRef image = fixture.image(BASE, SECOND)) {
      assertThat(image.lazy()).isTrue();
      assertThat(fixture.fetcher.fetches).hasValue(0);
      assertThatThrownBy(image::mounts).isInstanceOf(WrongState.class);
      assertThat(image.layers())
          .extracting(RefLayer::diffId)
          .containsExactly(Optional.of(BASE.diffId()), Optional.of(SECOND.diffId()));

      assertThat(fixture.files(image))
          .isEqualTo(Map.of("etc/os", "toy 2", "bin/sh", "shell", "usr/x", "x"));
      assertThat(image.lazy()).isFalse();
      assertThat(fixture.layers.applied).hasValue(2);
      assertThat(fixture.fetcher.fetches).hasValue(2);
    }
  }

  @Test
  void sameLayersAreTheSameRef() {
    try (ImmutableRef one = fixture.image(BASE, SECOND);
        ImmutableRef again = fixture.image(BASE, SECOND);
        ImmutableRef shorter = fixture.image(BASE)) {
      assertThat(again.id()).isEqualTo(one.id());
      assertThat(shorter.id()).isEqualTo(one.layers().getFirst().id());
    }
  }

  @Test
  void sameLayersInOtherBlobsShareTheFiles() {
    try (ImmutableRef gzipped = fixture.image(BASE, SECOND);
        ImmutableRef plain = fixture.image(BASE.uncompressed(), SECOND.uncompressed())) {
      gzipped.unlazy(fixture.context());

      assertThat(plain.lazy()).isFalse();
      assertThat(plain.id()).isNotEqualTo(gzipped.id());
      assertThat(fixture.files(plain)).isEqualTo(fixture.files(gzipped));
      assertThat(fixture.layers.applied).hasValue(2);
      assertThat(plain.layers())
          .extracting(layer -> layer.blob().orElseThrow().mediaType())
          .containsOnly(MediaType.OCI_LAYER);
    }
  }

  @Test
  void layerComesFromItsTwinsBlobWhenItsOwnIsGone() {
    ToyLayer plain = BASE.uncompressed();
    try (ImmutableRef unreachable = store().ofLayers(sources(BASE), STEP);
        ImmutableRef reachable = fixture.image(plain)) {
      assertThat(fixture.files(reachable)).containsKey("bin/sh");
      assertThat(unreachable.lazy()).isFalse();
    }
  }

  @Test
  void concurrentUsersFetchAndUnpackEachLayerOnce() {
    ToyLayer[] many = new ToyLayer[12];
    for (int i = 0; i < many.length; i++) {
      many[i] = ToyLayer.gzipped("file" + i + "=" + i);
    }
    try (ImmutableRef image = fixture.image(many);
        var scope = TaskScope.open("users")) {
      for (int i = 0; i < 8; i++) {
        scope.forkAction(() -> image.unlazy(fixture.context()));
      }
      scope.join();

      assertThat(fixture.layers.applied).hasValue(12);
      assertThat(fixture.fetcher.fetches).hasValue(12);
      assertThat(fixture.files(image)).hasSize(12);
    }
  }

  @Test
  void layersAreFetchedSideBySide() {
    CountDownLatch bothAsked = new CountDownLatch(2);
    fixture.fetcher.beforeAnswering(
        _ -> {
          bothAsked.countDown();
          try {
            bothAsked.await();
          } catch (InterruptedException interrupted) {
            throw dev.slipway.task.Interruption.cancelled(interrupted);
          }
        });
    try (ImmutableRef image = fixture.image(BASE, SECOND)) {
      assertThat(fixture.files(image)).hasSize(3);
    }
  }

  @Test
  void whoJoinedACancelledFetchTriesForHimself() throws InterruptedException {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch never = new CountDownLatch(1);
    fixture.fetcher.beforeAnswering(
        _ -> {
          if (asked.getCount() > 0) {
            asked.countDown();
            try {
              never.await();
            } catch (InterruptedException interrupted) {
              throw dev.slipway.task.Interruption.cancelled(interrupted);
            }
          }
        });
    try (ImmutableRef image = fixture.image(BASE);
        var scope = TaskScope.open("users")) {
      var first =
          scope.fork(
              () -> {
                try {
                  image.unlazy(fixture.context());
                  return "arrived";
                } catch (dev.slipway.failure.Cancelled cancelled) {
                  return "cancelled";
                }
              });
      asked.await();
      var second = scope.forkAction(() -> image.unlazy(fixture.context()));
      first.interrupt();
      second.result();
      assertThat(first.result()).isEqualTo("cancelled");
      assertThat(image.lazy()).isFalse();
    }
  }

  @Test
  void layerThatUnpacksToOtherBytesThanTheImageSaysIsRefused() {
    DiffId wrong = new DiffId(Digest.ofText("something else"));
    fixture.fetcher.serve(BASE.blob());
    List<LayerSource> forged =
        List.of(
            new LayerSource(
                BASE.descriptor(),
                wrong,
                Optional.of(new LayerOrigin("registry", "example.org/forged")),
                ""));

    try (ImmutableRef image = store().ofLayers(forged, STEP)) {
      assertThatThrownBy(() -> image.unlazy(fixture.context()))
          .isInstanceOf(CorruptData.class)
          .hasMessageContaining(wrong.toString());
      assertThat(image.lazy()).isTrue();
      assertThat(fixture.snapshotter.list()).isEmpty();
    }
  }

  @Test
  void failedFetchCanBeTriedAgain() {
    fixture.fetcher.failWith(Optional.of(new Unavailable("registry is down")));
    try (ImmutableRef image = fixture.image(BASE, SECOND)) {
      assertThatThrownBy(() -> image.openTree(fixture.context())).isInstanceOf(Unavailable.class);

      fixture.fetcher.failWith(Optional.<BuildFailure>empty());
      assertThat(fixture.files(image)).hasSize(3);
    }
  }

  @Test
  void stepOnALazyImageMakesItReal() {
    try (ImmutableRef image = fixture.image(BASE);
        ImmutableRef step = fixture.step(Optional.of(image), "new=1")) {
      assertThat(fixture.files(step)).containsKeys("bin/sh", "new");
    }
  }

  @Test
  void mergeLaysTreesOverEachOtherWithoutCopying() {
    try (ImmutableRef base = fixture.step(Optional.empty(), "a=base", "b=base");
        ImmutableRef left = fixture.step(Optional.of(base), "b=left", "l=1");
        ImmutableRef right = fixture.step(Optional.of(base), "b=right", "r=1");
        ImmutableRef merged = store().merge(List.of(left, right), STEP, fixture.context())) {
      assertThat(fixture.files(merged))
          .isEqualTo(Map.of("a", "base", "b", "right", "l", "1", "r", "1"));
      assertThat(merged.layers())
          .extracting(RefLayer::id)
          .containsExactly(base.id(), left.id(), base.id(), right.id());
      assertThat(merged.info().bytes()).isZero();
      assertThat(merged.info().parents()).containsExactly(left.id(), right.id());
    }
  }

  @Test
  void stepOnAMergeSeesAllOfIt() {
    try (ImmutableRef left = fixture.step(Optional.empty(), "l=1");
        ImmutableRef right = fixture.step(Optional.empty(), "r=1");
        ImmutableRef merged = store().merge(List.of(left, right), STEP, fixture.context());
        ImmutableRef step = fixture.step(Optional.of(merged), "s=1")) {
      assertThat(fixture.files(step)).isEqualTo(Map.of("l", "1", "r", "1", "s", "1"));
    }
  }

  @Test
  void mergeOfLazyTreesFetchesNothing() {
    try (ImmutableRef image = fixture.image(BASE);
        ImmutableRef other = fixture.image(SECOND);
        ImmutableRef merged = store().merge(List.of(image, other), STEP, fixture.context())) {
      assertThat(merged.lazy()).isTrue();
      assertThat(fixture.fetcher.fetches).hasValue(0);
    }
  }

  @Test
  void mergeOfNothingIsRefusedAndOfOneIsThatOne() {
    assertThatThrownBy(() -> store().merge(List.of(), STEP, fixture.context()))
        .isInstanceOf(InvalidRequest.class);
    try (ImmutableRef one = fixture.step(Optional.empty(), "a=1");
        ImmutableRef merged = store().merge(List.of(one), STEP, fixture.context())) {
      assertThat(merged.id()).isEqualTo(one.id());
    }
  }

  @Test
  void differenceOfAStepToItsBaseIsTheLayersBetween() {
    try (ImmutableRef base = fixture.step(Optional.empty(), "a=1");
        ImmutableRef middle = fixture.step(Optional.of(base), "b=1");
        ImmutableRef top = fixture.step(Optional.of(middle), "c=1");
        ImmutableRef difference =
            store().diff(Optional.of(base), Optional.of(top), STEP, fixture.context())) {
      assertThat(fixture.files(difference)).isEqualTo(Map.of("b", "1", "c", "1"));
      assertThat(difference.layers())
          .extracting(RefLayer::id)
          .containsExactly(middle.id(), top.id());
    }
  }

  @Test
  void differenceToNothingIsTheTreeItself() {
    try (ImmutableRef tree = fixture.step(Optional.empty(), "a=1");
        ImmutableRef difference =
            store().diff(Optional.empty(), Optional.of(tree), STEP, fixture.context())) {
      assertThat(difference.id()).isEqualTo(tree.id());
    }
    assertThatThrownBy(
            () -> store().diff(Optional.empty(), Optional.empty(), STEP, fixture.context()))
        .isInstanceOf(InvalidRequest.class);
  }

  @Test
  void cacheMountKeepsItsFilesForTheNextUser() {
    RefDescription cache = new RefDescription("cached mount /cache", RecordType.EXEC_CACHE_MOUNT);
    RefId id;
    try (MutableRef mount =
        store().openTagged("cache:/cache", Optional.empty(), cache, fixture.context())) {
      write(mount, "a=1");
      id = mount.id();
    }
    try (MutableRef mount =
        store().openTagged("cache:/cache", Optional.empty(), cache, fixture.context())) {
      assertThat(mount.id()).isEqualTo(id);
      write(mount, "b=2");
      try (MutableRef concurrent =
          store().openTagged("cache:/cache", Optional.empty(), cache, fixture.context())) {
        assertThat(concurrent.id()).isNotEqualTo(id);
      }
    }

    RefInfo info =
        store().usage().stream().filter(each -> each.id().equals(id)).findFirst().orElseThrow();
    assertThat(info.bytes()).isEqualTo(2);
    assertThat(info.mutable()).isTrue();
    store().dropTagged("cache:/cache");
    assertThat(store().usage()).isEmpty();
  }

  @Test
  void retiredCacheMountGoesWithItsUserAndTheNextStartsAnew() {
    RefDescription cache = new RefDescription("cached mount /cache", RecordType.EXEC_CACHE_MOUNT);
    store().openTagged("cache:/idle", Optional.empty(), cache, fixture.context()).close();
    try (MutableRef other =
            store().openTagged("other:/cache", Optional.empty(), cache, fixture.context());
        MutableRef old =
            store().openTagged("cache:/cache", Optional.empty(), cache, fixture.context())) {
      write(old, "a=1");

      store().retireTagged(tag -> tag.startsWith("cache:"));

      assertThat(store().usage())
          .extracting(RefInfo::id)
          .containsExactlyInAnyOrder(other.id(), old.id());
      try (MutableRef next =
          store().openTagged("cache:/cache", Optional.empty(), cache, fixture.context())) {
        assertThat(next.id()).isNotEqualTo(old.id());
      }
    }
    assertThat(store().usage()).hasSize(2);
  }

  @Test
  void syncedDirectoryIsReadAsARefAndThenTakenUpAgain() {
    RefDescription local = new RefDescription("local source for context", RecordType.SOURCE_LOCAL);
    List<RefId> removed = new ArrayList<>();
    store().onRemoved(removed::add);
    RefId firstId;
    try (MutableRef sync =
        store().openTagged("local:context", Optional.empty(), local, fixture.context())) {
      write(sync, "a=1");
      try (ImmutableRef synced = sync.commit()) {
        firstId = synced.id();
        assertThat(fixture.files(synced)).isEqualTo(Map.of("a", "1"));
        try (MutableRef meanwhile =
            store().openTagged("local:context", Optional.empty(), local, fixture.context())) {
          write(meanwhile, "z=1");
        }
        assertThat(fixture.files(synced)).isEqualTo(Map.of("a", "1"));
      }
    }
    try (MutableRef again =
        store().openTagged("local:context", Optional.empty(), local, fixture.context())) {
      write(again, "b=2");
      try (ImmutableRef synced = again.commit()) {
        assertThat(fixture.files(synced)).isEqualTo(Map.of("a", "1", "b", "2"));
        assertThat(synced.id()).isNotEqualTo(firstId);
      }
    }
    assertThat(removed).containsExactly(firstId);
    assertThat(store().find(firstId)).isEmpty();
  }

  @Test
  void stepOnASyncedDirectoryKeepsItFromBeingWrittenAgain() {
    RefDescription local = new RefDescription("local source for context", RecordType.SOURCE_LOCAL);
    ImmutableRef made;
    try (MutableRef sync =
        store().openTagged("local:context", Optional.empty(), local, fixture.context())) {
      write(sync, "a=1");
      try (ImmutableRef synced = sync.commit()) {
        made = fixture.step(Optional.of(synced), "s=1");
      }
    }
    try (ImmutableRef step = made) {
      try (MutableRef other =
          store().openTagged("local:context", Optional.empty(), local, fixture.context())) {
        write(other, "a=changed");
      }
      assertThat(fixture.files(step)).isEqualTo(Map.of("a", "1", "s", "1"));
    }
  }

  @Test
  void whoWatchesSeesBlobsBeginAndIsToldOfThem() throws IOException {
    List<IngestReader> begun = new CopyOnWriteArrayList<>();
    List<Descriptor> made = new CopyOnWriteArrayList<>();
    LayerWatch watch =
        new LayerWatch() {
          @Override
          public void begun(Supplier<IngestReader> follow) {
            begun.add(follow.get());
          }

          @Override
          public void made(Descriptor blob, Optional<LayerOrigin> origin) {
            made.add(blob);
          }
        };
    try (ImmutableRef bottom = fixture.step(Optional.empty(), "a=1");
        ImmutableRef top = fixture.step(Optional.of(bottom), "b=2")) {
      List<Descriptor> below =
          store().blobs(bottom, LayerCompression.DEFAULT, fixture.context().watchedBy(watch));
      List<Descriptor> all =
          store().blobs(top, LayerCompression.DEFAULT, fixture.context().watchedBy(watch));

      assertThat(made).containsExactly(below.getFirst(), all.getFirst(), all.getLast());
      assertThat(begun)
          .extracting(reader -> reader.committed().orElseThrow().digest())
          .containsExactly(all.getFirst().digest(), all.getLast().digest());
    }
    begun.forEach(IngestReader::close);
  }

  @Test
  void blobsAreMadeOncePerLayerAndRemembered() {
    try (ImmutableRef base = fixture.step(Optional.empty(), "a=1");
        ImmutableRef top = fixture.step(Optional.of(base), "b=2")) {
      List<Descriptor> first = store().blobs(top, LayerCompression.DEFAULT, fixture.context());
      List<Descriptor> second = store().blobs(top, LayerCompression.DEFAULT, fixture.context());

      assertThat(second).isEqualTo(first);
      assertThat(fixture.layers.written).hasValue(2);
      assertThat(first).extracting(Descriptor::mediaType).containsOnly(MediaType.OCI_LAYER_GZIP);
      assertThat(first.getFirst().diffId()).contains(new DiffId(Digest.ofText("a=1\n")));
      assertThat(first)
          .allSatisfy(blob -> assertThat(fixture.content.find(blob.digest())).isPresent());
    }
  }

  @Test
  void forcedCompressionConvertsAndUnforcedKeepsWhatThereIs() {
    try (ImmutableRef image = fixture.image(BASE)) {
      Descriptor kept =
          store()
              .blobs(
                  image, compression(LayerCompression.Kind.UNCOMPRESSED, false), fixture.context())
              .getFirst();
      Descriptor converted =
          store()
              .blobs(
                  image, compression(LayerCompression.Kind.UNCOMPRESSED, true), fixture.context())
              .getFirst();

      assertThat(kept.digest()).isEqualTo(BASE.descriptor().digest());
      assertThat(converted.mediaType()).isEqualTo(MediaType.OCI_LAYER);
      assertThat(converted.digest()).isEqualTo(BASE.uncompressed().descriptor().digest());
      assertThat(converted.diffId()).contains(BASE.diffId());
      assertThat(fixture.layers.applied).hasValue(0);
      assertThat(image.layers().getFirst().blob()).contains(BASE.descriptor());
    }
  }

  @Test
  void blobsComeInTheMediaTypeFamilyAskedFor() {
    try (ImmutableRef image = fixture.image(BASE)) {
      LayerCompression docker =
          new LayerCompression(LayerCompression.Kind.GZIP, Optional.empty(), false, false);
      assertThat(store().blobs(image, docker, fixture.context()).getFirst().mediaType())
          .isEqualTo(MediaType.DOCKER_LAYER_GZIP);
    }
  }

  @Test
  void pullingWhatWasExportedFindsTheSameLayer() {
    try (ImmutableRef made = fixture.step(Optional.empty(), "a=1")) {
      Descriptor blob = store().blobs(made, LayerCompression.DEFAULT, fixture.context()).getFirst();
      LayerSource pulled = new LayerSource(blob, blob.diffId().orElseThrow(), Optional.empty(), "");
      try (ImmutableRef found = store().ofLayers(List.of(pulled), STEP)) {
        assertThat(found.id()).isEqualTo(made.id());
        assertThat(found.lazy()).isFalse();
      }
    }
  }

  @Test
  void everyByteIsAccountedOnce() {
    try (ImmutableRef image = fixture.image(BASE, SECOND);
        ImmutableRef other = fixture.image(SECOND)) {
      image.unlazy(fixture.context());
      other.unlazy(fixture.context());
      long blobs = (long) BASE.blob().length + SECOND.blob().length;
      long files = "toyshell".length() + 2L * "toy 2x".length();

      assertThat(store().usage().stream().mapToLong(RefInfo::bytes).sum()).isEqualTo(blobs + files);
      assertThat(fixture.store.totalBytes()).isEqualTo(blobs + files);
    }
  }

  @Test
  void usersInfoTellsWhatIsInUse() {
    try (ImmutableRef top = fixture.twoSteps("a=1", "b=2")) {
      assertThat(store().usage()).hasSize(2).allMatch(RefInfo::inUse);
      assertThat(top.info().inUse()).isTrue();
    }
    assertThat(store().usage()).noneMatch(RefInfo::inUse);
  }
}
