package dev.slipway.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The `buildctl` launcher, with the flags that scripts written for BuildKit pass.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class BuildctlIT {
  private static final JsonMapper JSON = new JsonMapper();

  private BuildSite site;

  @BeforeAll
  void open(@TempDir Path folder) {
    site = BuildSite.open(folder);
  }

  @AfterAll
  void close() {
    site.close();
  }

  @Test
  void buildsAndPushesTwoPlatforms() {
    Path context =
        site.context(
            "ctl",
            Map.of(
                "Dockerfile",
                "FROM busybox AS a\nARG X\nRUN echo $X $(uname -m) > /x\nCOPY --from=more / /more\nFROM a AS b\nRUN false\n"));
    Path more = site.context("ctl-more", Map.of("f", "1"));
    String image = site.reference("it/ctl:latest");

    site.buildctl()
        .succeed(
            "build",
            "--frontend",
            "dockerfile.v0",
            "--progress",
            "plain",
            "--local",
            "context=" + context,
            "--local",
            "dockerfile=" + context,
            "--local",
            "more=" + more,
            "--opt",
            "platform=linux/amd64,linux/arm64",
            "--opt",
            "build-arg:X=x",
            "--opt",
            "target=a",
            "--opt",
            "context:more=local:more",
            "--output",
            "type=image,name=" + image + ",push=true");

    JsonNode index = JSON.readTree(site.crane().succeed("manifest", image).out());
    assertThat(index.path("manifests")).hasSize(2);
    JsonNode config =
        JSON.readTree(site.crane().succeed("config", "--platform", "linux/arm64", image).out());
    assertThat(config.path("architecture").asString()).isEqualTo("arm64");
  }

  @Test
  void anUnchangedBuildIsCachedThroughout() {
    Path context =
        site.context(
            "ctl-cached", Map.of("Dockerfile", "FROM busybox\nRUN echo 1 > /1\nRUN echo 2 > /2\n"));
    Tool build =
        site.buildctl()
            .with("build", "--frontend", "dockerfile.v0", "--progress", "rawjson")
            .with("--local", "context=" + context, "--local", "dockerfile=" + context);
    build.succeed();

    Progress again = Progress.parse(build.succeed().all());

    assertThat(again.workSteps()).hasSize(2).allMatch(Progress.Vertex::cached);
  }

  @Test
  void listsWorkersAndInfo() {
    assertThat(site.buildctl().succeed("debug", "workers").out())
        .containsPattern("ID\\s+PLATFORMS")
        .contains("linux/amd64");
    assertThat(site.buildctl().succeed("debug", "workers", "-v").out())
        .contains("org.mobyproject.buildkit.worker.executor:");
    assertThat(site.buildctl().succeed("debug", "info").out()).contains("v0.32.2");
  }

  @Test
  void showsAndPrunesDiskUsage(@TempDir Path folder) {
    try (BuildSite own = BuildSite.open(folder)) {
      Path context =
          own.context(
              "ctl-du", Map.of("Dockerfile", "FROM busybox\nRUN head -c 3000000 /dev/zero > /z\n"));
      own.buildctl()
          .succeed(
              "build",
              "--frontend",
              "dockerfile.v0",
              "--local",
              "context=" + context,
              "--local",
              "dockerfile=" + context);

      assertThat(own.buildctl().succeed("du").out()).containsPattern("Total:\\s+[\\d.]+MB");
      own.buildctl().succeed("prune", "--all");
      assertThat(own.buildctl().succeed("du").out()).containsPattern("Total:\\s+0B");
    }
  }
}
