package dev.slipway.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/// What others do with our images: a real Docker Engine and a real containerd, started for the
/// test, take them from archives and from a registry, and run them.
@Isolated
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class EnginesIT {
  private static final List<String> COMPRESSIONS =
      List.of("gzip", "zstd", "estargz", "uncompressed");

  /// What people run on.
  private static final String SNAPSHOTTER = "--snapshotter=native";

  private BuildSite site;
  private Path context;

  @BeforeAll
  void open(@TempDir Path folder) {
    site = BuildSite.open(folder);
    context =
        site.context(
            "engine",
            Map.of(
                "Dockerfile",
                """
                FROM busybox
                RUN echo made here > /made && ln /made /also && echo 2 > "/$(seq 1 60 | tr -d '\\n')"
                CMD ["cat", "/also"]
                """));
  }

  @AfterAll
  void close() {
    site.close();
  }

  @Test
  void dockersEngineLoadsWhatTheDockerExporterWrites() throws IOException {
    Path tar = site.path("image.tar");
    site.buildxBuild()
        .succeed("-t", "it/engine:1", "-o", "type=docker,dest=" + tar, context.toString());
    String attested = pushAttested();

    try (EngineProcess engine = EngineProcess.docker(site.distribution, folder("docker"))) {
      String loaded = engine.client("load", "-i", tar.toString()).out();
      String ran = engine.client("run", "--rm", "--network", "none", "it/engine:1").out();
      engine.client("pull", "--quiet", attested);
      String pulled = engine.client("run", "--rm", "--network", "none", attested).out();

      assertThat(loaded).contains("it/engine:1");
      assertThat(ran).isEqualTo("made here\n");
      assertThat(pulled).isEqualTo("made here\n");
    }
  }

  @Test
  void containerdTakesEveryCompressionAndAttestedImages() throws IOException {
    String attested = pushAttested();

    try (EngineProcess engine = EngineProcess.containerd(site.distribution, folder("containerd"))) {
      for (String compression : COMPRESSIONS) {
        String name = "docker.io/it/engine:" + compression;
        Path tar = site.path("oci-" + compression + ".tar");
        site.buildctl()
            .with("build", "--frontend", "dockerfile.v0")
            .with("--local", "context=" + context, "--local", "dockerfile=" + context)
            .succeed(
                "--output",
                "type=oci,force-compression=true,compression=%s,name=%s,dest=%s"
                    .formatted(compression, name, tar));
        engine.client("images", "import", SNAPSHOTTER, tar.toString());

        assertThat(engine.client("run", "--rm", SNAPSHOTTER, name, compression).out())
            .as(compression)
            .isEqualTo("made here\n");
      }

      // To unpack all there is, this version would also have to unpack statements.
      engine.client("content", "fetch", "--plain-http", "--all-platforms", attested);
      engine.client("images", "pull", "--plain-http", SNAPSHOTTER, attested);
      assertThat(engine.client("run", "--rm", SNAPSHOTTER, attested, "attested").out())
          .isEqualTo("made here\n");
      assertThat(engine.client("images", "check", "name==" + attested).out())
          .containsPattern("complete \\((\\d+)/\\1\\)");
    }
  }

  /// For two platforms, with provenance.
  private String pushAttested() {
    String image = site.reference("it/engine:attested");
    site.buildxBuild()
        .succeed(
            "--provenance=mode=max",
            "--platform",
            "linux/amd64,linux/arm64",
            "-t",
            image,
            "--push",
            context.toString());
    return image;
  }

  private Path folder(String name) throws IOException {
    return Files.createDirectories(site.path("engine-" + name));
  }
}
