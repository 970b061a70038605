package dev.slipway.ref;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.failure.Exhausted;
import dev.slipway.failure.NotFound;
import dev.slipway.layer.LayerCompression;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.Digest;
import dev.slipway.ref.RefStore.LostBlobs;
import dev.slipway.ref.testing.RefStoreFixture;
import dev.slipway.ref.testing.ToyLayers.ToyLayer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Layers whose blobs are gone here and where they came from.
final class LostLayersTest {
  /// As this daemon writes them: made of its files, it is the same again.
  private static final ToyLayer OWN = ToyLayer.gzipped("bin/sh=shell", "etc/os=toy");

  /// In an order of their own, as other tools write them.
  private static final ToyLayer FOREIGN = ToyLayer.gzipped("etc/os=toy", "bin/sh=shell");

  private static final LayerOrigin ORIGIN = new LayerOrigin("registry", "example.org/image");

  @TempDir Path root;
  private RefStoreFixture fixture;

  @BeforeEach
  void open() {
    fixture = new RefStoreFixture(root);
  }

  @AfterEach
  void leavesNoHoldsAndAnExactLedger() {
    assertThat(fixture.store.openHolds()).isZero();
    assertThat(fixture.store.verifyLedger()).isEmpty();
    fixture.close();
  }

  @Test
  void whatCouldNotBeFetchedIsLostUntilItCan() {
    try (ImmutableRef image = fixture.image(OWN)) {
      assertThat(image.isLost()).as("nobody needed it").isFalse();
      fixture.fetcher.failWith(Optional.of(new NotFound("gone")));
      assertThatThrownBy(() -> image.unlazy(fixture.context())).isInstanceOf(NotFound.class);
      assertThat(image.isLost()).isTrue();

      fixture.fetcher.failWith(Optional.empty());
      image.unlazy(fixture.context());

      assertThat(image.isLost()).isFalse();
    }
  }

  @Test
  void otherBytesThanTheCacheSaidAreALossToo() {
    Descriptor lying = FOREIGN.descriptor();
    fixture.fetcher.serve(FOREIGN.blob());
    try (ImmutableRef image =
        fixture.store.ofLayers(
            List.of(
                new RefStore.LayerSource(
                    lying, ToyLayer.gzipped("other=1").diffId(), Optional.of(ORIGIN), "a layer")),
            RefStoreFixture.STEP)) {
      assertThatThrownBy(() -> image.unlazy(fixture.context())).hasMessageContaining("unpacks to");

      assertThat(image.isLost()).isTrue();
    }
  }

  @Test
  void aFullDiskIsNoLoss() {
    try (ImmutableRef image = fixture.image(OWN)) {
      fixture.fetcher.failWith(Optional.of(new Exhausted("no space left on device")));
      assertThatThrownBy(() -> image.unlazy(fixture.context())).isInstanceOf(Exhausted.class);

      assertThat(image.isLost()).isFalse();
    }
  }

  @Test
  void aLossIsForgottenAfterAWhile() {
    try (ImmutableRef image = fixture.image(OWN)) {
      fixture.fetcher.failWith(Optional.of(new NotFound("gone")));
      assertThatThrownBy(() -> image.unlazy(fixture.context())).isInstanceOf(NotFound.class);

      fixture.passTime(Duration.ofMinutes(6));

      assertThat(image.isLost()).isFalse();
    }
  }

  @Test
  void whoFetchesAsTheStoreDoesTakesNoteToo() {
    try (ImmutableRef image = fixture.image(OWN)) {
      fixture.fetcher.failWith(Optional.of(new NotFound("gone")));
      LayerFetcher fetcher = fixture.store.fetcher();
      assertThatThrownBy(() -> fetcher.fetch(OWN.descriptor(), ORIGIN, fixture.context()))
          .isInstanceOf(NotFound.class);

      assertThat(image.isLost()).isTrue();
    }
  }

  @Test
  void aLayerIsMadeOfItsFilesAgain() {
    try (ImmutableRef image = fixture.image(OWN)) {
      image.unlazy(fixture.context());
      loseBlob(OWN.descriptor().digest());

      List<Descriptor> blobs =
          fixture.store.blobs(image, LayerCompression.DEFAULT, fixture.context());

      assertThat(blobs).hasSize(1);
      assertThat(fixture.content.find(blobs.getFirst().digest())).isPresent();
      assertThat(blobs.getFirst().diffId()).contains(OWN.diffId());
    }
  }

  /// The user pinned an image; one with other layers under its name would not be it.
  @Test
  void aLayerWhoseFilesMakeAnotherArchiveIsNotReplaced() {
    try (ImmutableRef image = fixture.image(FOREIGN)) {
      image.unlazy(fixture.context());
      loseBlob(FOREIGN.descriptor().digest());

      assertThatThrownBy(
              () -> fixture.store.blobs(image, LayerCompression.DEFAULT, fixture.context()))
          .isInstanceOf(NotFound.class)
          .hasMessageContaining(FOREIGN.diffId().toString())
          .hasMessageContaining("example.org/image")
          .hasMessageContaining("put it back there");

      assertThat(image.layers().getFirst().diffId()).contains(FOREIGN.diffId());
      assertThat(image.isLost()).isTrue();
      fixture.fetcher.failWith(Optional.empty());
      assertThat(fixture.store.blobs(image, LayerCompression.DEFAULT, fixture.context()))
          .extracting(Descriptor::digest)
          .as("it is back")
          .containsExactly(FOREIGN.descriptor().digest());
    }
  }

  /// A cache has a layer of an image in another compression, and lost it.
  @Test
  void theBlobOfAnEqualLayerServes() {
    try (ImmutableRef image = fixture.image(FOREIGN);
        ImmutableRef cached = fixture.image(FOREIGN.uncompressed())) {
      image.unlazy(fixture.context());
      assertThat(cached.lazy()).isFalse();
      fixture.fetcher.failWith(Optional.of(new NotFound("gone")));
      Descriptor promised =
          fixture.store.lazyBlobs(cached, LayerCompression.DEFAULT, fixture.context()).getFirst();
      assertThatThrownBy(() -> fixture.store.bringBlob(cached, promised, fixture.context()))
          .isInstanceOf(NotFound.class);

      LostBlobs lost = fixture.store.replaceLostBlobs(cached, fixture.context());

      assertThat(lost.replaced()).containsExactly(FOREIGN.uncompressed().descriptor().digest());
      assertThat(lost.irreplaceable()).isEmpty();
      assertThat(cached.isLost()).isFalse();
      Descriptor instead =
          fixture.store.lazyBlobs(cached, LayerCompression.DEFAULT, fixture.context()).getFirst();
      assertThat(instead.digest()).isEqualTo(FOREIGN.descriptor().digest());
      assertThat(instead.diffId()).contains(FOREIGN.diffId());
    }
  }

  @Test
  void theOwnBlobServesAgainLater() {
    try (ImmutableRef image = fixture.image(FOREIGN);
        ImmutableRef cached = fixture.image(FOREIGN.uncompressed())) {
      image.unlazy(fixture.context());
      fixture.fetcher.failWith(Optional.of(new NotFound("gone")));
      Descriptor own = FOREIGN.uncompressed().descriptor();
      assertThatThrownBy(() -> fixture.store.bringBlob(cached, own, fixture.context()))
          .isInstanceOf(NotFound.class);
      fixture.store.replaceLostBlobs(cached, fixture.context());

      fixture.passTime(Duration.ofMinutes(6));

      assertThat(fixture.store.lazyBlobs(cached, LayerCompression.DEFAULT, fixture.context()))
          .extracting(Descriptor::digest)
          .containsExactly(own.digest());
    }
  }

  @Test
  void aLayerThatIsNowhereIsSaidToBe() {
    try (ImmutableRef image = fixture.image(OWN)) {
      fixture.fetcher.failWith(Optional.of(new NotFound("gone")));
      assertThatThrownBy(() -> fixture.store.bringBlob(image, OWN.descriptor(), fixture.context()))
          .isInstanceOf(NotFound.class);

      LostBlobs lost = fixture.store.replaceLostBlobs(image, fixture.context());

      assertThat(lost.replaced()).isEmpty();
      assertThat(lost.irreplaceable())
          .singleElement()
          .asString()
          .contains(OWN.diffId().toString(), "its files are not here");
    }
  }

  @Test
  void nothingIsReplacedThatNobodyMissed() {
    try (ImmutableRef image = fixture.image(OWN)) {
      image.unlazy(fixture.context());

      LostBlobs lost = fixture.store.replaceLostBlobs(image, fixture.context());

      assertThat(lost.replaced()).isEmpty();
      assertThat(lost.irreplaceable()).isEmpty();
      assertThat(fixture.layers.written).hasValue(0);
    }
  }

  private void loseBlob(Digest blob) {
    fixture.content.delete(blob);
    fixture.fetcher.failWith(Optional.of(new NotFound("gone")));
  }
}
