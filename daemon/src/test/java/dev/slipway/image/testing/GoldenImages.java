package dev.slipway.image.testing;

import dev.slipway.oci.Digest;
import dev.slipway.oci.MediaType;
import dev.slipway.registry.testing.InProcessRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The two base images of the recordings made with the genuine daemon: `gold` (linux/amd64) and
/// `goldmulti` (amd64 and arm64).
public final class GoldenImages {
  public static final Digest GOLD =
      Digest.parse("sha256:769001a655d75485d6a55f7f3386c252725d5950f76fd92e34d5c089b6bd1d17");
  public static final Digest GOLDMULTI =
      Digest.parse("sha256:518923b6d7dace7f94bca39d33311e3459aa0ec90c92633d8dfd5c67ed1a281d");

  private static final List<String> MANIFESTS =
      List.of(
          "769001a655d75485d6a55f7f3386c252725d5950f76fd92e34d5c089b6bd1d17",
          "bfcd8c0fbd34e51dc90d21e36eb441c07a7d63314e8386f7d5693843811035fd",
          "e6bbcc6fffe3298bbd849202fdb474c163967c362796f77ec2df759cde4b9eb5");
  private static final List<String> BLOBS =
      List.of(
          "39dc347a78ca86947e3a3ef481057bb6785ad43a1a3db1edf11f51208310fafb",
          "769001a655d75485d6a55f7f3386c252725d5950f76fd92e34d5c089b6bd1d17",
          "8ed05e0bfc2c48605db65253a551c2138d3298996c1647dcc8a9d3b7a9240569",
          "bfcd8c0fbd34e51dc90d21e36eb441c07a7d63314e8386f7d5693843811035fd",
          "e6bbcc6fffe3298bbd849202fdb474c163967c362796f77ec2df759cde4b9eb5",
          "ee9974ab3086f2a4e729501c4d960b1ff4718db5b6b028294800fade6bf4380c",
          "518923b6d7dace7f94bca39d33311e3459aa0ec90c92633d8dfd5c67ed1a281d");

  private GoldenImages() {}

  /// Puts both into `library/gold` and `library/goldmulti`.
  public static void pushTo(InProcessRegistry registry) {
    Map<String, byte[]> blobs = blobs();
    for (String repository : List.of("library/gold", "library/goldmulti")) {
      blobs.values().forEach(bytes -> registry.addBlob(repository, MediaType.OCI_LAYER, bytes));
      MANIFESTS.forEach(
          hex ->
              registry.addManifest(
                  repository, Optional.empty(), typeOf(blobs.get(hex)), blobs.get(hex)));
    }
    registry.addManifest(
        "library/gold", Optional.of("latest"), MediaType.OCI_MANIFEST, blobs.get(GOLD.hex()));
    registry.addManifest(
        "library/goldmulti",
        Optional.of("latest"),
        MediaType.OCI_INDEX,
        blobs.get(GOLDMULTI.hex()));
  }

  /// Bytes of every blob of both, by hex of its digest.
  public static Map<String, byte[]> blobs() {
    Map<String, byte[]> blobs = new LinkedHashMap<>();
    for (String hex : BLOBS) {
      try (InputStream in =
          GoldenImages.class.getResourceAsStream("/golden/base/goldmulti/blobs/sha256/" + hex)) {
        blobs.put(hex, in.readAllBytes());
      } catch (IOException failed) {
        throw new java.io.UncheckedIOException(failed);
      }
    }
    return blobs;
  }

  private static MediaType typeOf(byte[] document) {
    return dev.slipway.oci.json.OciJson.mediaTypeOf(document).orElseThrow();
  }
}
