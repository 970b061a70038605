package dev.slipway.remotecache.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.content.testing.InMemoryContentStore;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.layer.LayerCompression;
import dev.slipway.oci.Digest;
import dev.slipway.remotecache.LayerBlobs;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// What attributes mean; caches in directories of real clients are in the end-to-end tests.
class LocalCacheTest {
  private final InMemoryContentStore store = new InMemoryContentStore();
  private final LocalCache caches =
      new LocalCache(
          store,
          new LayerBlobs(
              store,
              (_, _, _) -> {
                throw new AssertionError("nothing is fetched");
              }));

  @Test
  void anExportNeedsADirectory() {
    assertThatThrownBy(() -> caches.target(Map.of("mode", "max")))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining("local cache exporter requires dest");
  }

  @Test
  void anImportNeedsADirectoryAndADigest() {
    assertThatThrownBy(() -> caches.origin(Map.of("src", "here")))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining("local cache importer requires explicit digest");
    assertThatThrownBy(() -> caches.origin(Map.of("digest", Digest.EMPTY.toString())))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining("local cache importer requires src");
  }

  @Test
  void layersAreCompressedAsAsked() {
    Map<String, String> attributes =
        Map.of(
            "dest", "there",
            "compression", "zstd",
            "compression-level", "9",
            "force-compression", "true");

    assertThat(caches.target(attributes).compression())
        .isEqualTo(new LayerCompression(LayerCompression.Kind.ZSTD, Optional.of(9), true, true));
    assertThat(caches.target(Map.of("dest", "there")).compression().force()).isFalse();
  }

  @Test
  void valuesThatAreNoneAreRefused() {
    for (String attribute :
        new String[] {"oci-mediatypes", "image-manifest", "force-compression"}) {
      assertThatThrownBy(() -> caches.target(Map.of("dest", "there", attribute, "perhaps")))
          .as(attribute)
          .isInstanceOf(InvalidRequest.class)
          .hasMessageContaining(attribute);
    }
    assertThatThrownBy(() -> caches.target(Map.of("dest", "there", "compression", "lzma")))
        .isInstanceOf(InvalidRequest.class);
  }
}
