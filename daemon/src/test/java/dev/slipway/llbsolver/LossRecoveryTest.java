package dev.slipway.llbsolver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Exhausted;
import dev.slipway.failure.NotFound;
import dev.slipway.layer.LayerCompression;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.Digest;
import dev.slipway.progress.ProgressEvent;
import dev.slipway.progress.ProgressEvent.Warned;
import dev.slipway.ref.ImmutableRef;
import dev.slipway.ref.testing.RefStoreFixture;
import dev.slipway.ref.testing.ToyLayers.ToyLayer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LossRecoveryTest {
  /// In an order of their own, as other tools write them: made of its files it is another archive.
  private static final ToyLayer LAYER = ToyLayer.gzipped("etc/os=toy", "bin/sh=shell");

  private static final ToyLayer OTHER = ToyLayer.gzipped("etc/os=other");

  @TempDir Path root;
  private RefStoreFixture fixture;
  private final List<ProgressEvent> events = new ArrayList<>();
  private int attempts;
  private int evaluations;

  @BeforeEach
  void open() {
    fixture = new RefStoreFixture(root);
  }

  @AfterEach
  void leavesNoHolds() {
    assertThat(fixture.store.openHolds()).isZero();
    fixture.close();
  }

  @Test
  void whatIsNoLossIsToldAtOnce() {
    try (ToyResult result = new ToyResult(fixture.image(LAYER))) {
      assertThatThrownBy(() -> export(result, _ -> fail(new Exhausted("no space left on device"))))
          .isInstanceOf(Exhausted.class);

      assertThat(attempts).isEqualTo(1);
    }
  }

  /// A registry that has no such repository looks like one that has lost a layer.
  @Test
  void aFailureThatHasNothingToDoWithTheResultIsToldWithoutFetchingIt() {
    try (ToyResult result = new ToyResult(fixture.image(LAYER))) {
      assertThatThrownBy(() -> export(result, _ -> fail(new NotFound("no such repository"))))
          .isInstanceOf(NotFound.class)
          .hasMessage("no such repository");

      assertThat(attempts).isEqualTo(1);
      assertThat(fixture.fetcher.fetches).hasValue(0);
      assertThat(result.losses).isZero();
    }
  }

  @Test
  void aBlobThatIsGoneIsReplacedWithAWarningAndEverythingExportedAgain() {
    ToyLayer uncompressed = LAYER.uncompressed();
    try (ImmutableRef image = fixture.image(LAYER);
        ToyResult result = new ToyResult(fixture.image(uncompressed))) {
      image.unlazy(fixture.context());
      fixture.fetcher.failWith(Optional.of(new NotFound("gone")));

      Descriptor exported = export(result, this::pushed);

      assertThat(exported.digest()).isEqualTo(LAYER.descriptor().digest());
      assertThat(attempts).isEqualTo(2);
      assertThat(result.losses).isZero();
      assertThat(events)
          .singleElement()
          .isInstanceOfSatisfying(
              Warned.class,
              warned -> {
                assertThat(warned.vertex()).isEqualTo(result.madeBy());
                assertThat(warned.summary())
                    .contains(uncompressed.descriptor().digest().toString());
              });
    }
  }

  @Test
  void aResultWhoseLayerIsNowhereIsMadeAgainWhereItCanBe() {
    try (ToyResult result = new ToyResult(fixture.image(LAYER))) {
      fixture.fetcher.failWith(Optional.of(new NotFound("gone")));
      result.instead =
          Optional.of(
              () -> {
                fixture.fetcher.failWith(Optional.empty());
                return fixture.image(OTHER);
              });

      Descriptor exported = export(result, this::pushed);

      assertThat(exported.digest()).isEqualTo(OTHER.descriptor().digest());
      assertThat(result.losses).isEqualTo(1);
      assertThat(evaluations).isEqualTo(1);
    }
  }

  @Test
  void aLayerThatCannotBeHadInAnyWayIsNamed() {
    try (ToyResult result = new ToyResult(fixture.image(LAYER))) {
      result.ref.unlazy(fixture.context());
      fixture.content.delete(LAYER.descriptor().digest());
      fixture.fetcher.failWith(Optional.of(new NotFound("blob unknown")));

      assertThatThrownBy(() -> export(result, this::pushed))
          .isInstanceOf(NotFound.class)
          .hasMessageContainingAll(
              LAYER.diffId().toString(), "example.org/image", "put it back there", "blob unknown");
    }
  }

  private Descriptor export(ToyResult result, Function<ToyResult, Descriptor> way) {
    LossRecovery recovery =
        new LossRecovery(
            fixture.store,
            List.of(result),
            fixture.context().sessions(),
            events::add,
            fixture.clock());
    return recovery.export(
        () -> {
          attempts++;
          return way.apply(result);
        },
        () -> {
          evaluations++;
          result.evaluate();
        });
  }

  /// As a push does it: promised first, brought when the registry lacks it.
  private Descriptor pushed(ToyResult result) {
    Descriptor blob =
        fixture.store.lazyBlobs(result.ref, LayerCompression.DEFAULT, fixture.context()).getFirst();
    fixture.store.bringBlob(result.ref, blob, fixture.context());
    return blob;
  }

  private static Descriptor fail(BuildFailure failure) {
    throw failure;
  }

  private static final class ToyResult implements LossRecovery.Exported, AutoCloseable {
    private ImmutableRef ref;
    private Optional<Supplier<ImmutableRef>> instead = Optional.empty();
    private int losses;

    ToyResult(ImmutableRef ref) {
      this.ref = ref;
    }

    void evaluate() {
      if (losses > 0) {
        ref.close();
        ref = instead.orElseThrow().get();
      }
    }

    @Override
    public Digest madeBy() {
      return Digest.ofText("a step");
    }

    @Override
    public Optional<ImmutableRef> tree() {
      return Optional.of(ref);
    }

    @Override
    public boolean isLost() {
      return ref.isLost();
    }

    @Override
    public boolean lose(BuildFailure reason) {
      losses++;
      return losses == 1 && instead.isPresent();
    }

    @Override
    public void close() {
      ref.close();
    }
  }
}
