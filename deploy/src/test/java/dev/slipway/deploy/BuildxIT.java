package dev.slipway.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The real `docker buildx`, with our daemon as a remote builder.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class BuildxIT {
  private static final JsonMapper JSON = new JsonMapper();
  private static final String BOTH = "linux/amd64,linux/arm64";

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
  void inspectShowsARunningBuilderWithItsPlatforms() {
    String shown = site.buildx().succeed("inspect", "--bootstrap", "site").out();

    assertThat(shown).containsPattern("Status: +running").containsPattern("Driver: +remote");
    assertThat(shown).containsPattern("Platforms: .*linux/amd64");
    assertThat(shown).containsPattern("BuildKit version: +v0\\.32\\.2");
    assertThat(shown).contains("GC Policy rule#0");
  }

  @Test
  void pushesOneIndexWithAnImageForEachPlatform() {
    Path context =
        site.context(
            "two-platforms",
            Map.of(
                "Dockerfile",
                """
                FROM busybox AS base
                ARG GREETING=none
                RUN echo "$GREETING from $(uname -m)" > /greeting
                FROM base AS wanted
                COPY kept /kept
                COPY --from=extra /extra /extra
                ENV A=b
                CMD ["/bin/sh", "-c", "cat /greeting"]
                FROM wanted AS unwanted
                RUN false
                """,
                ".dockerignore",
                "secret*\n",
                "kept/file",
                "kept\n",
                "secret.txt",
                "never sent\n"));
    Path extra = site.context("extra-context", Map.of("extra", "from a named context\n"));
    String image = site.reference("it/two:latest");

    site.buildxBuild()
        .succeed(
            "--platform",
            BOTH,
            "--build-arg",
            "GREETING=hello",
            "--target",
            "wanted",
            "--build-context",
            "extra=" + extra,
            "-t",
            image,
            "--push",
            context.toString());

    JsonNode index = JSON.readTree(site.crane().succeed("manifest", image).out());
    assertThat(index.path("mediaType").asString())
        .isEqualTo("application/vnd.oci.image.index.v1+json");
    assertThat(index.path("manifests"))
        .extracting(manifest -> manifest.at("/platform/architecture").asString())
        .containsExactly("amd64", "arm64");
    assertThat(fileOf(image, "linux/amd64", "greeting")).isEqualTo("hello from x86_64\n");
    assertThat(fileOf(image, "linux/arm64", "greeting")).isEqualTo("hello from aarch64\n");
    assertThat(fileOf(image, "linux/arm64", "extra")).isEqualTo("from a named context\n");
    for (String platform : List.of("linux/amd64", "linux/arm64")) {
      JsonNode config =
          JSON.readTree(site.crane().succeed("config", "--platform", platform, image).out());
      assertThat(config.path("os").asString() + "/" + config.path("architecture").asString())
          .isEqualTo(platform);
      assertThat(config.at("/config/Env")).extracting(JsonNode::asString).contains("A=b");
      assertThat(config.at("/config/Cmd/2").asString()).isEqualTo("cat /greeting");
      assertThat(config.at("/rootfs/diff_ids")).hasSize(4);
    }
  }

  @Test
  void umociUnpacksWhatSkopeoCopiesOfEachPlatform() {
    Path context =
        site.context(
            "unpacked",
            Map.of("Dockerfile", "FROM busybox\nRUN uname -m > /arch && ln -s /arch /link\n"));
    String image = site.reference("it/unpacked:latest");
    site.buildxBuild().succeed("--platform", BOTH, "-t", image, "--push", context.toString());

    for (Map.Entry<String, String> machine :
        Map.of("amd64", "x86_64", "arm64", "aarch64").entrySet()) {
      Path layout = site.path("layout-" + machine.getKey());
      Path bundle = site.path("bundle-" + machine.getKey());
      site.tool("skopeo")
          .succeed(
              "--insecure-policy",
              "--override-arch",
              machine.getKey(),
              "copy",
              "--src-tls-verify=false",
              "docker://" + image,
              "oci:" + layout + ":it");
      site.tool("umoci").succeed("unpack", "--image", layout + ":it", bundle.toString());

      assertThat(bundle.resolve("rootfs/arch")).hasContent(machine.getValue());
      assertThat(bundle.resolve("rootfs/link")).isSymbolicLink();
    }
  }

  @Test
  void sendsABigContextOnceAndItsChangesAfterwards() throws IOException {
    Path context =
        site.context(
            "big", Map.of("Dockerfile", "FROM busybox\nCOPY . /all\nRUN ls -l /all > /list\n"));
    writeNoise(context.resolve("big"), 300L << 20);
    Path out = site.path("big-out");

    site.buildxBuild().succeed("-o", "type=local,dest=" + out, context.toString());

    assertThat(Files.mismatch(context.resolve("big"), out.resolve("all/big"))).isEqualTo(-1);
    Files.writeString(context.resolve("small"), "new");
    String second =
        site.buildxBuild()
            .succeed("-o", "type=local,dest=" + site.path("big-out2"), context.toString())
            .all();
    assertThat(second).containsPattern("transferring context: [\\d.]+(B|kB)");
    assertThat(site.path("big-out2").resolve("all/small")).hasContent("new");
  }

  @Test
  void anUnchangedBuildIsCachedThroughout() {
    Path context =
        site.context(
            "cached",
            Map.of(
                "Dockerfile",
                "FROM busybox\nCOPY f /f\nRUN cat /f > /g\nRUN wc /g > /h\n",
                "f",
                "1"));
    String[] arguments = {
      "--platform", BOTH, "-o", "type=oci,dest=" + site.path("cached.tar"), context.toString()
    };
    site.buildxBuild().succeed(arguments);

    Progress again =
        Progress.parse(site.buildxBuild().with("--progress", "rawjson").succeed(arguments).all());

    assertThat(again.workSteps()).hasSize(6).allMatch(Progress.Vertex::cached);
  }

  @Test
  void aStepWithSecretsKeepsWhatItWrote() throws IOException {
    Path secret = Files.writeString(site.path("secret"), "hush");
    Path context =
        site.context(
            "secret-context",
            Map.of(
                "Dockerfile",
                """
                FROM busybox
                RUN --mount=type=secret,id=there --mount=type=secret,id=absent \\
                    ls /run/secrets > /seen && wc -c < /run/secrets/there > /length
                """));
    Path out = site.path("secret-out");

    site.buildxBuild()
        .succeed(
            "--secret",
            "id=there,src=" + secret,
            "-o",
            "type=local,dest=" + out,
            context.toString());

    assertThat(out.resolve("seen")).hasContent("there");
    assertThat(out.resolve("length")).hasContent("4");
    assertThat(out.resolve("bin/busybox")).isExecutable();
  }

  @Test
  void writesEachKindOfOutput() {
    Path context =
        site.context("outputs", Map.of("Dockerfile", "FROM busybox\nRUN echo out > /made\n"));
    Tool build = site.buildxBuild();
    Tool tar = site.tool("tar");

    build.succeed("-o", "type=local,dest=" + site.path("out-local"), context.toString());
    build.succeed("-o", "type=tar,dest=" + site.path("out.tar"), context.toString());
    build.succeed("-o", "type=oci,dest=" + site.path("out-oci.tar"), context.toString());
    build.succeed(
        "-t",
        "it/out:1",
        "-o",
        "type=docker,dest=" + site.path("out-docker.tar"),
        context.toString());

    assertThat(site.path("out-local").resolve("made")).hasContent("out");
    assertThat(tar.succeed("-xOf", site.path("out.tar").toString(), "made").out())
        .isEqualTo("out\n");
    assertThat(tar.succeed("-tf", site.path("out-oci.tar").toString()).out().lines())
        .contains("oci-layout", "index.json");
    JsonNode manifest =
        JSON.readTree(
            tar.succeed("-xOf", site.path("out-docker.tar").toString(), "manifest.json").out());
    assertThat(manifest.at("/0/RepoTags/0").asString()).isEqualTo("it/out:1");
    site.tool("skopeo")
        .succeed("--insecure-policy", "inspect", "docker-archive:" + site.path("out-docker.tar"));
  }

  @Test
  void localOutputOfTwoPlatformsHasAFolderForEach() {
    Path context =
        site.context("local-two", Map.of("Dockerfile", "FROM busybox\nRUN uname -m > /arch\n"));

    site.buildxBuild()
        .succeed(
            "--platform",
            BOTH,
            "-o",
            "type=local,dest=" + site.path("local-two-out"),
            context.toString());

    assertThat(site.path("local-two-out").resolve("linux_amd64/arch")).hasContent("x86_64");
    assertThat(site.path("local-two-out").resolve("linux_arm64/arch")).hasContent("aarch64");
  }

  @Test
  void loadingTwoPlatformsGetsBuildxsOwnRefusal() {
    Path context = site.context("load-two", Map.of("Dockerfile", "FROM busybox\n"));

    Tool.Outcome outcome =
        site.buildxBuild().run("--platform", BOTH, "-t", "it/load", "--load", context.toString());

    assertThat(outcome.exit()).isNotZero();
    assertThat(outcome.err())
        .contains("docker exporter does not currently support exporting manifest lists");
  }

  @Test
  void diskUsageIsShownAndPrunedToNothing(@TempDir Path folder) {
    try (BuildSite own = BuildSite.open(folder)) {
      Path context =
          own.context(
              "pruned", Map.of("Dockerfile", "FROM busybox\nRUN head -c 5000000 /dev/zero > /z\n"));
      own.buildxBuild().succeed("-o", "type=oci,dest=" + own.path("x.tar"), context.toString());

      String before = own.buildx().succeed("du", "--builder", "site").out();
      String pruned = own.buildx().succeed("prune", "--builder", "site", "--all", "--force").out();
      String after = own.buildx().succeed("du", "--builder", "site").out();

      assertThat(before).containsPattern("Total:\\s+[\\d.]+MB");
      assertThat(pruned).containsPattern("Total:\\s+[\\d.]+MB");
      assertThat(after).containsPattern("Total:\\s+0B");
    }
  }

  @Test
  void aFailingStepShowsItsOutputAndItsPlaceInTheDockerfile() {
    Path context =
        site.context(
            "failing", Map.of("Dockerfile", "FROM busybox\nRUN echo the reason is this; exit 7\n"));

    Tool.Outcome outcome = site.buildxBuild().run(context.toString());

    assertThat(outcome.exit()).isNotZero();
    assertThat(outcome.err())
        .contains("the reason is this")
        .contains("Dockerfile:2")
        .contains(">>> RUN echo the reason is this; exit 7")
        .contains("exit code: 7");
  }

  private String fileOf(String image, String platform, String file) {
    Path tar = site.path("export.tar");
    site.crane().succeed("export", "--platform", platform, image, tar.toString());
    return site.tool("tar").succeed("-xOf", tar.toString(), file).out();
  }

  private static void writeNoise(Path file, long size) throws IOException {
    Random random = new Random(42);
    byte[] chunk = new byte[1 << 20];
    try (OutputStream out = Files.newOutputStream(file)) {
      for (long written = 0; written < size; written += chunk.length) {
        random.nextBytes(chunk);
        out.write(chunk);
      }
    }
  }
}
