package dev.slipway.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Our own client, used as people use `docker buildx`.
@Isolated
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SlipwayClientIT {
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
  void buildsAndPushesTwoPlatforms() {
    Path context =
        site.context(
            "two",
            Map.of(
                "docker/Build.file",
                """
                FROM busybox AS wanted
                ARG GREETING=none
                COPY kept /kept
                COPY --from=extra /extra /extra
                RUN echo "$GREETING from $(uname -m)" > /greeting
                FROM wanted
                RUN false
                """,
                ".dockerignore",
                "ignored\n",
                "kept/file",
                "kept\n",
                "ignored",
                "x"));
    Path extra = site.context("extra", Map.of("extra", "more\n"));
    String image = site.reference("own/two:latest");

    Tool.Outcome outcome =
        site.slipway()
            .succeed(
                "build",
                "-t",
                image,
                "--platform",
                BOTH,
                "-f",
                context.resolve("docker/Build.file").toString(),
                "--target",
                "wanted",
                "--build-arg",
                "GREETING=hello",
                "--build-context",
                "extra=" + extra,
                "--push",
                "--progress",
                "plain",
                context.toString());

    JsonNode index = JSON.readTree(site.crane().succeed("manifest", image).out());
    assertThat(index.path("manifests"))
        .extracting(manifest -> manifest.at("/platform/architecture").asString())
        .containsExactly("amd64", "arm64");
    assertThat(outcome.all()).containsPattern("\\[linux/arm64 .*\\] RUN echo").contains("pushing");
    for (Map.Entry<String, String> machine :
        Map.of("amd64", "x86_64", "arm64", "aarch64").entrySet()) {
      Path tar = site.path("export-" + machine.getKey() + ".tar");
      site.crane()
          .succeed("export", "--platform", "linux/" + machine.getKey(), image, tar.toString());
      assertThat(site.tool("tar").succeed("-xOf", tar.toString(), "greeting").out())
          .isEqualTo("hello from " + machine.getValue() + "\n");
    }
  }

  @Test
  void takesABaseImageFromAnOciLayout() {
    Path context =
        site.context(
            "from-layout",
            Map.of(
                "Dockerfile",
                """
                FROM tagged AS one
                RUN echo "from the layout on $(uname -m)" > /made
                FROM fixed AS two
                COPY --from=one /made /made
                FROM scratch
                COPY --from=two /made /made
                """));
    String layout = "oci-layout://" + site.baseImages.layout();
    Path out = site.path("from-layout-out");

    site.slipway()
        .succeed(
            "build",
            "--platform",
            BOTH,
            "--build-context",
            "tagged=" + layout + ":latest",
            "--build-context",
            "fixed=" + layout + "@" + site.baseImages.index(),
            "-o",
            out.toString(),
            context.toString());
    Tool.Outcome wrong =
        site.slipway()
            .run("build", "--build-context", "tagged=oci-layout://" + out, context.toString());

    assertThat(out.resolve("linux_amd64/made")).hasContent("from the layout on x86_64");
    assertThat(out.resolve("linux_arm64/made")).hasContent("from the layout on aarch64");
    assertThat(wrong.exit()).isNotZero();
    assertThat(wrong.err()).contains(out + "/index.json").doesNotContain("Exception");
  }

  @ParameterizedTest
  @ValueSource(strings = {"local", "registry", "inline"})
  void findsItsStepsInACacheElsewhere(String type, @TempDir Path folder) {
    try (BuildSite own = BuildSite.open(folder)) {
      Path context =
          own.context(
              "remembered",
              Map.of("Dockerfile", "FROM busybox\nRUN head -c 20 /dev/urandom > /random\n"));
      String image = own.reference("own/remembered:1");
      String place =
          switch (type) {
            case "local" -> own.path("cache").toString();
            case "registry" -> own.reference("own/cache:1");
            default -> image;
          };
      String to =
          switch (type) {
            case "local" -> "type=local,mode=max,dest=" + place;
            case "registry" -> "type=registry,mode=max,ref=" + place;
            default -> "type=inline";
          };
      String from = type.equals("local") ? "type=local,src=" + place : place;
      Tool build = own.slipway().with("build", "--progress", "rawjson");
      build.succeed(
          "-t", image, "--push", "--cache-to", to, "--cache-from", from, context.toString());
      own.slipway().succeed("prune", "--all", "--force");

      Progress again =
          Progress.parse(
              build
                  .succeed(
                      "--cache-from", from, "-o", own.path("again").toString(), context.toString())
                  .all());

      assertThat(again.workSteps())
          .filteredOn(step -> step.name().contains("RUN"))
          .singleElement()
          .matches(Progress.Vertex::cached);
      Path tar = own.path("pushed.tar");
      own.crane().succeed("export", image, tar.toString());
      own.tool("tar").succeed("-xf", tar.toString(), "-C", own.path("").toString(), "random");
      assertThat(own.path("again").resolve("random")).hasSameBinaryContentAs(own.path("random"));
    }
  }

  @Test
  void anUnchangedBuildIsCachedThroughout() {
    Path context =
        site.context(
            "cached", Map.of("Dockerfile", "FROM busybox\nCOPY f /f\nRUN cat /f > /g\n", "f", "1"));
    Tool build =
        site.slipway()
            .with("build", "--platform", BOTH, "--progress", "rawjson", context.toString());
    build.succeed();

    Progress again = Progress.parse(build.succeed().all());
    Progress uncached = Progress.parse(build.succeed("--no-cache").all());

    assertThat(again.workSteps()).hasSize(4).allMatch(Progress.Vertex::cached);
    assertThat(uncached.workSteps()).hasSize(4).noneMatch(Progress.Vertex::cached);
  }

  @Test
  void writesEachKindOfOutput() {
    Path context =
        site.context("outputs", Map.of("Dockerfile", "FROM busybox\nRUN echo out > /made\n"));
    Tool build = site.slipway().with("build", "--progress", "plain");

    build.succeed("-o", site.path("out-local").toString(), context.toString());
    build.succeed("-o", "type=cacheonly", context.toString());
    build.succeed("--output", "type=tar,dest=" + site.path("out.tar"), context.toString());
    build.succeed("-o", "type=oci,dest=" + site.path("out-oci.tar"), context.toString());
    build.succeed(
        "-t",
        "own/out:1",
        "-o",
        "type=docker,dest=" + site.path("out-docker.tar"),
        context.toString());

    assertThat(site.path("out-local").resolve("made")).hasContent("out");
    Tool tar = site.tool("tar");
    assertThat(tar.succeed("-xOf", site.path("out.tar").toString(), "made").out())
        .isEqualTo("out\n");
    assertThat(tar.succeed("-tf", site.path("out-oci.tar").toString()).out())
        .contains("index.json");
    assertThat(tar.succeed("-xOf", site.path("out-docker.tar").toString(), "manifest.json").out())
        .contains("own/out:1");
  }

  @Test
  void anImageInADirectoryIsALayoutThatOthersRead() {
    Path context = site.context("layout", Map.of("Dockerfile", "FROM busybox\nRUN echo 1 > /1\n"));
    Path layout = site.path("out-layout");
    Tool build =
        site.slipway().with("build", context.toString(), "-o", "type=oci,tar=false,dest=" + layout);

    build.succeed("-t", "own/layout:first", "-t", "own/layout:second");
    build.succeed("-t", "own/layout:second", "--platform", BOTH);

    Tool skopeo = site.tool("skopeo").with("--insecure-policy", "inspect");
    JsonNode first = JSON.readTree(skopeo.succeed("--raw", "oci:" + layout + ":first").out());
    JsonNode second = JSON.readTree(skopeo.succeed("--raw", "oci:" + layout + ":second").out());
    assertThat(first.path("layers")).hasSize(2);
    assertThat(second.path("manifests")).hasSize(2);
    assertThat(layout.resolve("index.json")).content().contains("docker.io/own/layout:first");
  }

  @Test
  void aDirectoryHoldsTheOutputAloneWhereThatIsAskedFor() {
    Path context = site.context("alone", Map.of("Dockerfile", "FROM scratch\nCOPY . /in\n"));
    Path out = site.context("alone-out", Map.of("of-others", "kept", "in/of-others", "kept"));
    Tool build = site.slipway().with("build", context.toString(), "-o");

    build.succeed("type=local,dest=" + out);
    assertThat(out.resolve("of-others")).exists();
    build.succeed("type=local,mode=delete,dest=" + out);

    assertThat(out).isDirectoryNotContaining("glob:**of-others");
    assertThat(out.resolve("in")).isDirectoryContaining("glob:**Dockerfile");
    assertThat(out.resolve("in/of-others")).doesNotExist();
  }

  @Test
  void readsADockerfileFromStandardInput() {
    Tool shell =
        site.tool("sh")
            .with(
                "-c",
                "printf 'FROM busybox\\nRUN echo piped > /piped\\n' | \"$@\" -",
                "sh",
                site.distribution.program("slipway").toString(),
                "--addr",
                site.daemon.address(),
                "build",
                "-o",
                site.path("piped-out").toString());

    shell.succeed();

    assertThat(site.path("piped-out").resolve("piped")).hasContent("piped");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-cf", "-czf"})
  void takesAContextFromAnArchiveOnStandardInput(String tar) {
    Path context =
        site.context(
            "archived" + tar,
            Map.of(
                "docker/Build.file",
                "FROM busybox\nCOPY . /all\nRUN cp /all/sub/f /made\n",
                "sub/f",
                "from the archive by tar " + tar + "\n"));
    Path archive = site.path("archive" + tar);
    site.tool("tar").succeed(tar, archive.toString(), "-C", context.toString(), ".");
    Path out = site.path("archived-out" + tar);

    site.slipway()
        .from(archive)
        .succeed("build", "-f", "docker/Build.file", "-o", out.toString(), "-");

    assertThat(out.resolve("made")).hasContent("from the archive by tar " + tar);
    assertThat(out.resolve("all/docker/Build.file")).exists();
  }

  @Test
  void takesOnlyTheDockerfileFromStandardInput() throws IOException {
    Path context =
        site.context("piped-beside", Map.of("Dockerfile", "FROM busybox\nRUN false\n", "f", "1"));
    Path dockerfile = Files.writeString(site.path("piped"), "FROM scratch\nCOPY f /copied\n");
    Path out = site.path("piped-beside-out");

    site.slipway()
        .from(dockerfile)
        .succeed("build", "-f", "-", "-o", out.toString(), context.toString());

    assertThat(out.resolve("copied")).hasContent("1");
  }

  @Test
  void aCacheThatIsResetHoldsWhatTheLastBuildWroteOnly() {
    Path first = site.context("reset-1", Map.of("Dockerfile", "FROM busybox\nRUN echo 1 > /f\n"));
    Path second = site.context("reset-2", Map.of("Dockerfile", "FROM busybox\nRUN echo 2 > /f\n"));
    Path cache = site.path("reset-cache");
    Path fresh = site.path("reset-fresh");
    Tool build = site.slipway().with("build", "--cache-to");

    build.succeed("type=local,dest=" + cache, first.toString());
    Set<String> before = blobs(cache);
    build.succeed("type=local,reset=true,dest=" + cache, second.toString());
    build.succeed("type=local,dest=" + fresh, second.toString());

    assertThat(blobs(cache)).isNotEqualTo(before).isEqualTo(blobs(fresh));
  }

  @Test
  void anImageInADirectoryOfBlobsIsABaseImageAgain() {
    Path context =
        site.context("to-blobs", Map.of("Dockerfile", "FROM busybox\nRUN echo kept > /kept\n"));
    Path layout = site.path("blobs");
    Path onTop = site.context("on-blobs", Map.of("Dockerfile", "FROM mine\nRUN cp /kept /again\n"));
    Path out = site.path("on-blobs-out");

    site.slipway()
        .succeed(
            "build",
            "-t",
            "own/base:1",
            "--annotation",
            "manifest:org.example.key=told",
            "-o",
            "type=oci,tar=false,dest=" + layout,
            context.toString());
    site.slipway()
        .succeed(
            "build",
            "--build-context",
            "mine=oci-layout://" + layout + ":1",
            "-o",
            out.toString(),
            onTop.toString());

    JsonNode image = JSON.readTree(layout.resolve("index.json").toFile()).at("/manifests/0");
    assertThat(image.at("/annotations/io.containerd.image.name").asString())
        .isEqualTo("docker.io/own/base:1");
    String digest = image.path("digest").asString();
    assertThat(
            JSON.readTree(layout.resolve("blobs").resolve(digest.replace(':', '/')).toFile())
                .at("/annotations/org.example.key")
                .asString())
        .isEqualTo("told");
    assertThat(out.resolve("again")).hasContent("kept");
  }

  @Test
  void aDirectoryIsClearedWhenThatIsAskedForAndAllowed() throws IOException {
    Path context =
        site.context("clearing", Map.of("Dockerfile", "FROM scratch\nCOPY f /f\n", "f", "1"));
    Path out = Files.createDirectories(site.path("cleared"));
    Path old = Files.writeString(out.resolve("old"), "");
    Tool build = site.slipway().with("build", context.toString(), "-o");
    Path elsewhere = Files.createDirectories(site.path("elsewhere"));

    build.succeed("type=local,dest=" + out);
    assertThat(old).exists();
    Tool.Outcome refused = build.in(elsewhere).run("type=local,mode=delete,dest=" + out);
    assertThat(refused.err()).contains("requires --allow=buildx.local.delete");
    assertThat(old).exists();
    build
        .in(elsewhere)
        .succeed("type=local,mode=delete,dest=" + out, "--allow", "buildx.local.delete");

    assertThat(old).doesNotExist();
    assertThat(out.resolve("f")).hasContent("1");
  }

  @Test
  void theEnvironmentsEpochAndTheUsualArgumentForAnInlineCacheCount() {
    Path context =
        site.context("dated", Map.of("Dockerfile", "FROM busybox\nRUN echo dated > /dated\n"));
    String image = site.reference("own/dated:1");

    site.slipway()
        .withEnvironment("SOURCE_DATE_EPOCH", "1000000000")
        .succeed(
            "build",
            "-t",
            image,
            "--push",
            "--build-arg",
            "BUILDKIT_INLINE_CACHE=1",
            context.toString());

    JsonNode config = JSON.readTree(site.crane().succeed("config", image).out());
    assertThat(config.path("created").asString()).isEqualTo("2001-09-09T01:46:40Z");
    assertThat(config.path("moby.buildkit.cache.v0").asString()).isNotEmpty();
  }

  private static Set<String> blobs(Path layout) {
    try (Stream<Path> files = Files.list(layout.resolve("blobs/sha256"))) {
      return files.map(file -> String.valueOf(file.getFileName())).collect(Collectors.toSet());
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  @Test
  void statesHowAResultWasMadeAsAskedFor() {
    Path context = site.context("stated", Map.of("Dockerfile", "FROM busybox\nRUN echo 1 > /f\n"));
    Tool build = site.slipway().with("build", context.toString(), "-o");

    build.succeed(site.path("stated-most").toString(), "--provenance", "mode=max,version=v0.2");
    build.succeed(
        site.path("stated-least").toString(), "--attest", "type=provenance,mode=min,version=v1");
    build.succeed(site.path("stated-not").toString(), "--provenance=false");

    JsonNode most = JSON.readTree(site.path("stated-most").resolve("provenance.json").toFile());
    assertThat(most.path("predicateType").asString()).isEqualTo("https://slsa.dev/provenance/v0.2");
    assertThat(most.at("/predicate/buildConfig/llbDefinition")).isNotEmpty();
    JsonNode least = JSON.readTree(site.path("stated-least").resolve("provenance.json").toFile());
    assertThat(least.path("predicateType").asString()).isEqualTo("https://slsa.dev/provenance/v1");
    assertThat(least.toString()).doesNotContain("llbDefinition");
    assertThat(site.path("stated-not").resolve("f")).hasContent("1");
    assertThat(site.path("stated-not").resolve("provenance.json")).doesNotExist();
  }

  @Test
  void interruptionCancelsTheBuildOnTheDaemon() throws InterruptedException {
    Path context =
        site.context(
            "interrupted", Map.of("Dockerfile", "FROM busybox\nRUN echo waiting; sleep 77003\n"));
    Tool.Running build = site.slipway().start("build", "--progress", "plain", context.toString());
    Await.until(
        "the step runs", Duration.ofMinutes(3), () -> build.err().soFar().contains(" waiting\n"));

    site.tool("kill").succeed("-INT", Long.toString(build.process().pid()));

    assertThat(build.process().waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(build.await().exit()).isNotZero();
    Await.until(
        "the container is gone",
        Duration.ofMinutes(1),
        () -> Remains.below(site.path("daemon")).processes().isEmpty());
  }

  /// The archive begins, and never ends.
  @Test
  void interruptionEndsABuildWhoseContextStalls() throws InterruptedException {
    Path context = site.context("stalled", Map.of("Dockerfile", "FROM scratch\nCOPY . /\n"));
    Path archive = site.path("stalled.tar");
    Path pipe = site.path("stalled.pipe");
    site.tool("tar").succeed("-cf", archive.toString(), "-C", context.toString(), ".");
    site.tool("mkfifo").succeed(pipe.toString());
    Tool.Running writer =
        site.tool("sh")
            .start(
                "-c",
                "exec 3> \"$0\"; head -c 5000 \"$1\" >&3; exec sleep 77005",
                "" + pipe,
                "" + archive);
    Tool.Running build = site.slipway().from(pipe).start("build", "--progress", "rawjson", "-");
    Await.until(
        "the context is being read",
        Duration.ofSeconds(60),
        () -> build.err().soFar().contains("[internal] load"));

    site.tool("kill").succeed("-INT", Long.toString(build.process().pid()));

    assertThat(build.process().waitFor(10, TimeUnit.SECONDS)).isTrue();
    assertThat(build.await().exit()).isEqualTo(130);
    writer.process().destroy();
    writer.await();
  }

  @Test
  void stepsHaveTheLimitsAndHostsAskedFor() {
    Path context =
        site.context(
            "limited",
            Map.of(
                "Dockerfile",
                """
                FROM busybox
                RUN ulimit -Sn > /soft; ulimit -Hn > /hard; cat /etc/hosts > /known
                RUN grep ' /dev/shm ' /proc/mounts > /shm
                """));
    Path out = site.path("limited-out");

    site.slipway()
        .succeed(
            "build",
            "--ulimit",
            "nofile=1000:2000",
            "--shm-size",
            "8m",
            "--add-host",
            "known.example:10.1.2.3",
            "-o",
            out.toString(),
            context.toString());

    assertThat(out.resolve("soft")).hasContent("1000");
    assertThat(out.resolve("hard")).hasContent("2000");
    assertThat(out.resolve("shm")).content().contains("size=8192k");
    assertThat(out.resolve("known")).content().containsPattern("10\\.1\\.2\\.3\\s+known\\.example");
  }

  @Test
  void stepsReachTheAgentThatIsOfferedThem() throws IOException {
    Path context =
        site.context(
            "ssh",
            Map.of(
                "Dockerfile",
                """
                FROM busybox
                RUN --mount=type=ssh,id=mine,required=true test -S "$SSH_AUTH_SOCK" && echo 1 > /made
                """));
    Path out = site.path("ssh-out");
    Path key = Files.writeString(site.path("ssh-key"), RsaKeyFile.text());
    Tool build = site.slipway().with("build", "-o", out.toString(), context.toString());

    Tool.Outcome without = build.run("--ssh", "other=" + key);
    build.succeed("--ssh", "mine=" + key);

    assertThat(without.exit()).isEqualTo(1);
    assertThat(without.err()).contains("unset ssh forward key mine");
    assertThat(out.resolve("made")).hasContent("1");
  }

  @Test
  void answersQuestionsAboutADockerfile() {
    Path context =
        site.context(
            "asked",
            Map.of(
                "Dockerfile",
                """
                # LEVEL how far it goes
                ARG LEVEL=3
                # base what all share
                FROM scratch AS base
                FROM base AS Last
                ARG LEVEL
                LABEL level=$LEVEL
                """));
    Path wrong = site.context("asked-wrong", Map.of("Dockerfile", "FROM scratch\nCOPPY a b\n"));
    Tool build = site.slipway().with("build", "--progress", "quiet");

    Tool.Outcome outline = build.succeed("--call", "outline", context.toString());
    Tool.Outcome targets = build.succeed("--call=targets,format=json", context.toString());
    Tool.Outcome check = build.run("--check", context.toString());
    Tool.Outcome checkOfWrong = build.run("--call", "check", wrong.toString());
    Tool.Outcome unknown = build.run("--call", "weather", context.toString());

    assertThat(outline.out()).contains("TARGET: last").containsPattern("LEVEL +3 +how far it goes");
    assertThat(JSON.readTree(targets.out()).at("/targets/0/description").asString())
        .isEqualTo("what all share");
    assertThat(check.exit()).isEqualTo(1);
    assertThat(check.out())
        .startsWith("Check complete, 1 warning has been found!\n")
        .contains("WARNING: StageNameCasing");
    assertThat(checkOfWrong.exit()).isEqualTo(1);
    assertThat(checkOfWrong.err()).contains("COPPY").contains("2 | >>> COPPY a b");
    assertThat(unknown.exit()).isEqualTo(1);
    assertThat(unknown.err()).contains("frontend.weather");
  }

  @Test
  void theImagesIdIsPrintedAndWritten() throws IOException {
    Path context = site.context("named", Map.of("Dockerfile", "FROM busybox\nRUN echo > /f\n"));
    Path file = Files.writeString(site.path("iid"), "of an earlier build");
    Tool build = site.slipway().with("build", "-q", "--iidfile", file.toString());

    Tool.Outcome built = build.succeed("-t", "own/named:1", context.toString());
    assertThat(file).hasContent(built.out().strip());
    assertThat(built.out()).startsWith("sha256:").hasLineCount(1);
    build.run("--target", "nosuch", context.toString());

    assertThat(file).doesNotExist();
  }

  @Test
  void theDaemonsNetworkIsGivenToStepsForTheAsking() {
    Path context =
        site.context(
            "networks", Map.of("Dockerfile", "FROM busybox\nRUN ls /sys/class/net > /seen\n"));
    Path with = site.path("networks-host");
    Path without = site.path("networks-none");
    Tool build = site.slipway().with("build", context.toString(), "--output");

    build.succeed(with.toString(), "--network", "host");
    build.succeed(without.toString(), "--network", "none");

    assertThat(with.resolve("seen")).content().contains("lo");
    assertThat(without.resolve("seen")).hasContent("lo");
  }

  @Test
  void showsWorkersInfoAndDiskUsage(@TempDir Path folder) {
    try (BuildSite own = BuildSite.open(folder)) {
      Path context =
          own.context(
              "du", Map.of("Dockerfile", "FROM busybox\nRUN head -c 3000000 /dev/zero > /z\n"));
      own.slipway().succeed("build", context.toString());

      assertThat(own.slipway().succeed("workers").out())
          .contains("linux/amd64")
          .contains("linux/arm64");
      assertThat(own.slipway().succeed("info").out()).contains("v0.32.2");
      assertThat(own.slipway().succeed("du").out()).containsPattern("Total:\\s+[\\d.]+ ?MB");
      own.slipway().succeed("prune", "--all", "--force");
      assertThat(own.slipway().succeed("du").out()).containsPattern("Total:\\s+0 ?B");
    }
  }

  @Test
  void withoutADaemonItSaysWhereItLooked(@TempDir Path folder) {
    Tool.Outcome outcome =
        site.tool("slipway").with("--addr", "unix://" + folder + "/nothing.sock").run("workers");

    assertThat(outcome.exit()).isNotZero();
    assertThat(outcome.err()).contains(folder + "/nothing.sock").doesNotContain("Exception");
  }
}
