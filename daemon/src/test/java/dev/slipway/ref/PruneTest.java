package dev.slipway.ref;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.failure.InvalidRequest;
import dev.slipway.layer.LayerCompression;
import dev.slipway.oci.Digest;
import dev.slipway.ref.RefDescription.RecordType;
import dev.slipway.ref.RefStore.PrunePolicy;
import dev.slipway.ref.testing.RefStoreFixture;
import dev.slipway.ref.testing.ToyLayers.ToyLayer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PruneTest {
  private static final PrunePolicy ALL = policy(true, 0, 0, 0);

  @TempDir Path root;
  private RefStoreFixture fixture;

  @BeforeEach
  void open() {
    fixture = new RefStoreFixture(root);
  }

  @AfterEach
  void ledgerIsExact() {
    assertThat(fixture.store.openHolds()).isZero();
    assertThat(fixture.store.verifyLedger()).isEmpty();
    fixture.close();
  }

  private static PrunePolicy policy(
      boolean all, long reserved, long maximum, long minimumFree, String... filters) {
    return new PrunePolicy(all, List.of(filters), Duration.ZERO, reserved, maximum, minimumFree);
  }

  private List<RefId> prune(PrunePolicy policy) {
    List<RefId> removed = new ArrayList<>();
    fixture.store.prune(policy, info -> removed.add(info.id()));
    return removed;
  }

  private RefId made(Optional<ImmutableRef> parent, String... files) {
    try (ImmutableRef ref = fixture.step(parent, files)) {
      fixture.passTime(Duration.ofMinutes(1));
      return ref.id();
    }
  }

  private List<RefId> left() {
    return fixture.store.usage().stream().map(RefInfo::id).toList();
  }

  @Test
  void unusedRefsGoLeavesFirstWithTheirFiles() {
    RefId base = made(Optional.empty(), "a=1");
    RefId top;
    try (ImmutableRef found = fixture.store.find(base).orElseThrow()) {
      top = made(Optional.of(found), "b=1");
    }
    List<RefId> told = new ArrayList<>();
    fixture.store.onRemoved(told::add);

    assertThat(prune(ALL)).containsExactly(top, base);
    assertThat(told).containsExactly(top, base);
    assertThat(fixture.snapshotter.list()).isEmpty();
    assertThat(fixture.store.totalBytes()).isZero();
    fixture.killAndReopen();
    assertThat(left()).isEmpty();
  }

  @Test
  void whatIsInUseStaysWithAllBelowIt() {
    try (ImmutableRef top = fixture.twoSteps("a=1", "b=1")) {
      assertThat(prune(ALL)).isEmpty();
      assertThat(fixture.files(top)).hasSize(2);
    }
  }

  @Test
  void blobsGoWithTheLastRefThatHasThem() {
    ToyLayer layer = ToyLayer.gzipped("a=1");
    ToyLayer other = ToyLayer.gzipped("b=1");
    Digest blob = layer.descriptor().digest();
    try (ImmutableRef image = fixture.image(layer)) {
      image.unlazy(fixture.context());
      fixture.image(other, layer).close();

      assertThat(prune(ALL)).hasSize(2);
      assertThat(fixture.content.find(blob)).isPresent();
    }
    prune(ALL);
    assertThat(fixture.content.find(blob)).isEmpty();
  }

  @Test
  void twinKeepsTheFilesItShares() {
    ToyLayer layer = ToyLayer.gzipped("a=1");
    fixture.image(layer).close();
    try (ImmutableRef plain = fixture.image(layer.uncompressed())) {
      plain.unlazy(fixture.context());

      assertThat(prune(ALL)).isEmpty();
      assertThat(fixture.files(plain)).hasSize(1);
    }
    assertThat(prune(ALL)).hasSize(2);
  }

  @Test
  void internalAndFrontendAndSharedRecordsNeedAll() {
    try (MutableRef frontend =
        fixture.store.newMutable(
            Optional.empty(),
            new RefDescription("frontend", RecordType.FRONTEND),
            fixture.context())) {
      frontend.commit().close();
    }
    ImmutableRef shared = fixture.step(Optional.empty(), "s=1");
    Digest blob =
        fixture
            .store
            .blobs(shared, LayerCompression.DEFAULT, fixture.context())
            .getFirst()
            .digest();
    fixture.store.shareContent(blob::equals);
    shared.close();

    assertThat(prune(policy(false, 0, 0, 0))).isEmpty();
    assertThat(fixture.store.usage())
        .filteredOn(RefInfo::shared)
        .extracting(RefInfo::id)
        .containsExactly(shared.id());
    assertThat(prune(ALL)).hasSize(2);
    assertThat(fixture.content.find(blob)).as("an image needs it still").isPresent();
  }

  @Test
  void recentlyUsedStaysAsLongAsAsked() {
    RefId old = made(Optional.empty(), "old=1");
    fixture.passTime(Duration.ofHours(3));
    RefId young = made(Optional.empty(), "young=1");

    PrunePolicy hour = new PrunePolicy(false, List.of(), Duration.ofHours(1), 0, 0, 0);
    assertThat(prune(hour)).containsExactly(old);
    assertThat(left()).containsExactly(young);
  }

  @Test
  void capRemovesLeastRecentlyUsedUntilItHolds() {
    RefId first = made(Optional.empty(), "f=" + "1".repeat(1000));
    RefId second = made(Optional.empty(), "f=" + "2".repeat(1000));
    RefId third = made(Optional.empty(), "f=" + "3".repeat(1000));
    fixture.store.find(first).orElseThrow().close();

    assertThat(prune(policy(false, 0, 2500, 0))).containsExactly(second);
    assertThat(left()).containsExactlyInAnyOrder(first, third);
    assertThat(prune(policy(false, 0, 2500, 0))).isEmpty();
  }

  @Test
  void oftenUsedOutlivesRarelyUsedOfTheSameAge() {
    RefId often = made(Optional.empty(), "f=" + "1".repeat(1000));
    RefId rare = made(Optional.empty(), "f=" + "2".repeat(1000));
    for (int i = 0; i < 5; i++) {
      fixture.store.find(often).orElseThrow().close();
    }
    fixture.store.find(rare).orElseThrow().close();

    assertThat(prune(policy(false, 0, 1500, 0))).containsExactly(rare);
  }

  @Test
  void reservedBytesAreNeverTaken() {
    made(Optional.empty(), "f=" + "1".repeat(1000));

    assertThat(prune(policy(true, 5000, 1, 0))).isEmpty();
    assertThat(prune(policy(true, 500, 1, 0))).hasSize(1);
  }

  @Test
  void scarceDiskMakesRoomAndAmpleDiskDoesNot() {
    made(Optional.empty(), "f=" + "1".repeat(1000));
    made(Optional.empty(), "f=" + "2".repeat(1000));
    fixture.freeBytes = 10_000;

    assertThat(prune(policy(true, 0, 0, 9_000))).isEmpty();
    assertThat(prune(policy(true, 0, 0, 10_500))).hasSize(1);
  }

  @Test
  void keepBytesFollowsBuildKitsArithmetic() {
    assertThat(Pruning.keepBytes(policy(true, 0, 500, 0), 1000, 0)).isEqualTo(500);
    assertThat(Pruning.keepBytes(policy(true, 0, 0, 300), 1000, 200)).isEqualTo(900);
    assertThat(Pruning.keepBytes(policy(true, 0, 500, 900), 1000, 200)).isEqualTo(300);
    assertThat(Pruning.keepBytes(policy(true, 700, 500, 900), 1000, 200)).isEqualTo(700);
    assertThat(Pruning.keepBytes(policy(true, 0, 0, 300), 1000, 400)).isEqualTo(Long.MAX_VALUE);
    assertThat(Pruning.keepBytes(policy(true, 100, 0, 0), 1000, 0)).isEqualTo(100);
  }

  @Test
  void filtersChooseAndSeveralAreAlternatives() {
    RefId one = made(Optional.empty(), "a=1");
    RefId two = made(Optional.empty(), "b=1");
    RefId three = made(Optional.empty(), "c=1");

    assertThat(prune(policy(true, 0, 0, 0, "id==" + one, "id~=^" + two + "$")))
        .containsExactlyInAnyOrder(one, two);
    assertThat(prune(policy(true, 0, 0, 0, "mutable"))).isEmpty();
    assertThat(prune(policy(true, 0, 0, 0, "immutable,type==regular,id!=" + three))).isEmpty();
    assertThat(prune(policy(true, 0, 0, 0, "immutable,type==regular,private")))
        .containsExactly(three);
    assertThatThrownBy(() -> prune(policy(true, 0, 0, 0, "id=x")))
        .isInstanceOf(InvalidRequest.class);
  }

  @Test
  void unreferencedBlobsGoFirstWhenTheLimitIsExceeded() {
    RefId kept = made(Optional.empty(), "a=1");
    Digest loose = put("x".repeat(5000));
    fixture.passTime(Duration.ofSeconds(1));

    prune(policy(false, 0, 1L << 30, 0));
    assertThat(fixture.content.find(loose)).isPresent();

    assertThat(prune(policy(false, 0, fixture.store.totalBytes() - 1, 0))).isEmpty();
    assertThat(fixture.content.find(loose)).isEmpty();
    assertThat(left()).containsExactly(kept);
  }

  @Test
  void whatIsBeingWrittenIsOccupiedAndLimitsOnAllCountIt() {
    RefId old = made(Optional.empty(), "f=" + "1".repeat(1000));
    RefId young = made(Optional.empty(), "f=" + "2".repeat(1000));
    try (MutableRef writing =
            fixture.store.newMutable(Optional.empty(), RefStoreFixture.STEP, fixture.context());
        var ingest = fixture.content.ingest("unfinished")) {
      RefStoreFixture.write(writing, "f=" + "3".repeat(1000));
      ingest.write(java.nio.ByteBuffer.wrap(new byte[1000]));
      assertThat(fixture.store.occupiedBytes()).isEqualTo(4000);

      List<RefId> removed = new ArrayList<>();
      PrunePolicy limits = policy(true, 0, 3500, 0);
      fixture.store.enforce(limits, fixture.store.occupiedBytes(), info -> removed.add(info.id()));
      assertThat(removed).containsExactly(old);
      assertThat(left()).contains(young);

      assertThat(prune(limits)).as("who asks to prune is asked about records").isEmpty();
    }
  }

  @Test
  void unreferencedBlobsGoWhenOldUnlessLabelled() {
    Digest old = put("old");
    Digest rooted = put("rooted");
    fixture.content.label(rooted, java.util.Map.of("containerd.io/gc.root", "1"));
    fixture.passTime(Duration.ofHours(2));
    Digest young = put("young");

    prune(policy(false, 0, 0, 0));

    assertThat(fixture.content.find(old)).isEmpty();
    assertThat(fixture.content.find(rooted)).isPresent();
    assertThat(fixture.content.find(young)).isPresent();
  }

  private Digest put(String text) {
    try (var ingest = fixture.content.ingest(text)) {
      ingest.write(
          java.nio.ByteBuffer.wrap(text.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
      return ingest
          .commit(Optional.empty(), java.util.OptionalLong.empty(), java.util.Map.of())
          .digest();
    }
  }

  @Test
  void pruningDuringABuildNeverTakesWhatTheBuildHolds() {
    try (var scope = dev.slipway.task.TaskScope.open("build and prune")) {
      var build =
          scope.fork(
              () -> {
                for (int chain = 0; chain < 10; chain++) {
                  ImmutableRef top = fixture.step(Optional.empty(), "f0=0");
                  for (int step = 1; step < 5; step++) {
                    ImmutableRef next = fixture.step(Optional.of(top), "f" + step + "=" + step);
                    top.close();
                    top = next;
                  }
                  assertThat(fixture.files(top)).hasSize(5);
                  top.close();
                }
                return "done";
              });
      var pruner =
          scope.forkAction(
              () -> {
                while (!Thread.currentThread().isInterrupted()) {
                  prune(ALL);
                }
              });
      assertThat(build.result()).isEqualTo("done");
      pruner.interrupt();
    }
    prune(ALL);
    assertThat(left()).isEmpty();
  }
}
