package dev.slipway.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The same build twice, by a daemon that was started again in between and remembers nothing, gives
/// images of the same digests, and others find nothing wrong with them.
final class ReproducibleIT {
  private static final List<String> COMPRESSIONS =
      List.of("gzip", "zstd", "estargz", "uncompressed");

  /// More than is compressed in one piece, by several steps, with what archives have trouble with.
  private static final String DOCKERFILE =
      """
      FROM busybox
      RUN seq 1 700000 > /numbers && ln /numbers /also && ln -s numbers /link
      COPY file /copied/
      RUN rm /also && mkdir -m 1777 /shared && mknod /pipe p && touch "/$(seq 1 60 | tr -d '\\n')"
      """;

  @Test
  void digestsAreTheSameAfterARestart(@TempDir Path folder) {
    try (BuildSite site = BuildSite.open(folder)) {
      Path context = site.context("same", Map.of("Dockerfile", DOCKERFILE, "file", "content\n"));

      Map<String, String> first = build(site, context, "first");
      site.buildctl().succeed("prune", "--all");
      site.daemon.stop();
      site.daemon.startAgain();
      Map<String, String> second = build(site, context, "second");

      assertThat(second).isEqualTo(first);
      assertThat(first.values()).doesNotHaveDuplicates();
      for (String compression : COMPRESSIONS) {
        Tool validate =
            site.crane().with("validate", "--remote", site.reference("it/first:" + compression));
        if (compression.equals("gzip") || compression.equals("estargz")) {
          validate.succeed();
        } else {
          validate.succeed("--fast"); // Debian's crane reads no layers but gzipped ones
        }
      }
    }
  }

  /// @return digest by compression
  private static Map<String, String> build(BuildSite site, Path context, String name) {
    Map<String, String> digests = new LinkedHashMap<>();
    for (String compression : COMPRESSIONS) {
      String image = site.reference("it/" + name + ":" + compression);
      site.buildctl()
          .with("build", "--frontend", "dockerfile.v0", "--no-cache")
          .with("--local", "context=" + context, "--local", "dockerfile=" + context)
          .with("--opt", "build-arg:SOURCE_DATE_EPOCH=1700000000")
          .with("--output")
          .succeed(
              "type=image,push=true,rewrite-timestamp=true,force-compression=true,compression="
                  + compression
                  + ",name="
                  + image);
      digests.put(compression, site.crane().succeed("digest", image).out().strip());
    }
    return digests;
  }
}
