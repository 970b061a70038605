package dev.slipway.frontend.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Fact;
import dev.slipway.failure.FailureKind;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.NotFound;
import dev.slipway.failure.Unsupported;
import dev.slipway.frontend.Frontend;
import dev.slipway.frontend.FrontendResult;
import dev.slipway.llb.Definition;
import dev.slipway.llb.SourceOp;
import dev.slipway.oci.Digest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class DockerfileFrontendTest {
  private final ScriptedBridge bridge = new ScriptedBridge();
  private final Map<String, String> options = new TreeMap<>();
  private final Map<String, Definition> inputs = new TreeMap<>();

  private FrontendResult solve() {
    return new DockerfileFrontend(SyntaxImages.SERVED_HERE)
        .solve(new Frontend.Request(options, inputs), bridge);
  }

  private static String text(FrontendResult result, String key) {
    return new String(result.metadata().get(key), StandardCharsets.UTF_8);
  }

  private static JsonNode json(FrontendResult result, String key) {
    return JsonMapper.shared().readTree(result.metadata().get(key));
  }

  /// Attributes of the one source of a definition with that name in the step list.
  private Map<String, String> source(String name) {
    return bridge.solved().stream()
        .flatMap(definition -> definition.vertices().values().stream())
        .filter(vertex -> name.equals(vertex.metadata().description().get("llb.customname")))
        .map(vertex -> (SourceOp) vertex.op())
        .findFirst()
        .orElseThrow(() -> new AssertionError("nothing is called " + name))
        .attributes();
  }

  private List<String> lastNames() {
    return bridge.names(bridge.solved().getLast());
  }

  @Test
  void buildsOnePlatformAsASingleResult() {
    bridge.withDockerfile("FROM gold\nLABEL a=b\nRUN x\n");
    options.put("label:a", "c");

    FrontendResult result = solve();

    assertThat(result.multiple()).isFalse();
    assertThat(result.single().orElseThrow().definition()).isEqualTo(bridge.solved().getLast());
    assertThat(
            json(result, "containerimage.config")
                .path("config")
                .path("Labels")
                .path("a")
                .asString())
        .isEqualTo("c");
    assertThat(result.metadata()).containsKey("containerimage.base.config");
    assertThat(text(result, "refs.platforms"))
        .isEqualTo(
            "{\"Platforms\":[{\"ID\":\"linux/amd64\",\"Platform\":{\"architecture\":\"amd64\",\"os\":\"linux\"}}]}");
  }

  @Test
  void buildsSeveralPlatformsAsResultsById() {
    bridge.withDockerfile("FROM goldmulti\nRUN x\n");
    options.put("platform", "linux/amd64,linux/arm64/v8");
    options.put("build-arg:SOURCE_DATE_EPOCH", "1700000000");

    FrontendResult result = solve();

    assertThat(result.multiple()).isTrue();
    assertThat(result.refs().keySet()).containsExactly("linux/amd64", "linux/arm64");
    assertThat(result.metadata().keySet())
        .containsExactly(
            "containerimage.config/linux/amd64",
            "containerimage.base.config/linux/amd64",
            "source.date.epoch/linux/amd64",
            "containerimage.config/linux/arm64",
            "containerimage.base.config/linux/arm64",
            "source.date.epoch/linux/arm64",
            "refs.platforms");
    assertThat(json(result, "containerimage.config/linux/arm64").path("architecture").asString())
        .isEqualTo("arm64");
    assertThat(bridge.queries())
        .containsExactlyInAnyOrder(
            "[linux/amd64 internal] load metadata for docker.io/library/goldmulti:latest for"
                + " linux/amd64 by default",
            "[linux/arm64 internal] load metadata for docker.io/library/goldmulti:latest for"
                + " linux/arm64 by default");
    assertThat(bridge.names(result.refs().get("linux/arm64").orElseThrow().definition()).getLast())
        .isEqualTo("[linux/arm64 2/2] RUN x");
  }

  @Test
  void answersByIdForOnePlatformWhereThatIsAsked() {
    bridge.withDockerfile("FROM scratch\n");
    options.put("build-arg:BUILDKIT_MULTI_PLATFORM", "1");

    FrontendResult result = solve();

    assertThat(result.multiple()).isTrue();
    assertThat(result.refs()).containsEntry("linux/amd64", Optional.empty());
  }

  @Test
  void readsFilesOfTheClientUnderTheNamesPeopleKnow() {
    bridge.withDockerfile("FROM busybox\nCOPY a /\n");

    solve();

    assertThat(bridge.solved().stream().map(bridge::names))
        .contains(
            List.of("[internal] load build definition from Dockerfile"),
            List.of("[internal] load .dockerignore"));
    assertThat(lastNames()).contains("[internal] load build context", "[2/2] COPY a /");
    assertThat(source("[internal] load build definition from Dockerfile"))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "local.session",
                ScriptedBridge.SESSION,
                "local.differ",
                "none",
                "local.sharedkeyhint",
                "dockerfile",
                "local.followpaths",
                "[\"Dockerfile\",\"Dockerfile.dockerignore\",\"dockerfile\"]"));
    assertThat(source("[internal] load .dockerignore"))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "local.session",
                ScriptedBridge.SESSION,
                "local.differ",
                "none",
                "local.sharedkeyhint",
                "context-.dockerignore",
                "local.followpaths",
                "[\".dockerignore\"]"));
    assertThat(source("[internal] load build context"))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "local.session",
                ScriptedBridge.SESSION,
                "local.sharedkeyhint",
                "context",
                "local.followpaths",
                "[\"a\"]"));
  }

  @Test
  void prefersTheIgnoreFileBesideTheDockerfile() {
    bridge
        .withDirectory(
            "dockerfile",
            Map.of("sub/My.df", "FROM scratch\nCOPY . /\n", "sub/My.df.dockerignore", "own\n"))
        .withDirectory("context", Map.of(".dockerignore", "common\n"));
    options.put("filename", "sub/My.df");

    solve();

    assertThat(source("[internal] load build context"))
        .containsEntry("local.excludepatterns", "[\"own\"]");
    assertThat(bridge.solved().stream().map(bridge::names))
        .doesNotContain(List.of("[internal] load .dockerignore"));
  }

  @Test
  void usesTheIgnoreFileOfTheContextOtherwise() {
    bridge
        .withDirectory("dockerfile", Map.of("Dockerfile", "FROM scratch\nCOPY . /\n"))
        .withDirectory("context", Map.of(".dockerignore", "# c\n/a/\n!b <c>\n"));

    solve();

    assertThat(source("[internal] load build context"))
        .containsEntry("local.excludepatterns", "[\"a\",\"!b \\u003cc\\u003e\"]");
  }

  @Test
  void findsADockerfileInLowerCase() {
    bridge
        .withDirectory("dockerfile", Map.of("d/dockerfile", "FROM scratch\n"))
        .withDirectory("context", Map.of());
    options.put("filename", "d/Dockerfile");

    assertThat(solve().single()).isEmpty();
  }

  @Test
  void saysWhichDockerfileIsMissing() {
    bridge.withDirectory("dockerfile", Map.of());

    assertThatThrownBy(this::solve)
        .isInstanceOf(NotFound.class)
        .hasMessage("failed to read dockerfile: open Dockerfile: no such file or directory");
  }

  @Test
  void readsTheDockerfileFromTheDirectoryTheClientNames() {
    bridge
        .withDirectory("elsewhere", Map.of("Dockerfile", "FROM scratch\n"))
        .withDirectory("context", Map.of());
    options.put("dockerfilekey", "elsewhere");
    options.put("local-sessionid:elsewhere", "other");

    solve();

    assertThat(source("[internal] load build definition from Dockerfile"))
        .containsEntry("local.session", "other")
        .containsEntry("local.sharedkeyhint", "elsewhere");
  }

  @Test
  void showsLinesOfTheDockerfileWithFailures() {
    bridge.withDockerfile("FROM scratch\nCOPPY a b\n");

    assertThatThrownBy(this::solve)
        .isInstanceOfSatisfying(
            InvalidRequest.class,
            failure -> {
              Fact.AtSource source = failure.fact(Fact.AtSource.class).orElseThrow();
              assertThat(source.filename()).isEqualTo("Dockerfile");
              assertThat(source.ranges()).containsExactly(new Fact.SourceRange(2, 0, 2, 0));
              assertThat(source.data())
                  .isEqualTo("FROM scratch\nCOPPY a b\n".getBytes(StandardCharsets.UTF_8));
            });
  }

  @Test
  void keepsTheKindOfFailuresOfWhatADockerfileAsksFor() {
    bridge.withDockerfile("FROM scratch\nFROM nosuch\n");

    assertThatThrownBy(this::solve)
        .isInstanceOfSatisfying(
            BuildFailure.class,
            failure -> {
              assertThat(failure.kind()).isEqualTo(FailureKind.NOT_FOUND);
              assertThat(failure.fact(Fact.AtSource.class)).isPresent();
            });
  }

  @Test
  void passesOnAdviceOnceForAllPlatforms() {
    bridge.withDockerfile("FROM goldmulti\nCMD x\n");
    options.put("platform", "linux/amd64,linux/arm64");

    solve();

    assertThat(bridge.warnings())
        .containsExactly(
            "JSONArgsRecommended: JSON arguments recommended for CMD to prevent"
                + " unintended behavior related to OS signals (line 2)");
  }

  @Test
  void letsTheClientDecideAboutAdvice() {
    bridge.withDockerfile("# check=error=true\nFROM gold\nCMD x\n");
    options.put("build-arg:BUILDKIT_DOCKERFILE_CHECK", "skip=all");

    solve();

    assertThat(bridge.warnings()).isEmpty();
  }

  @Test
  void takesImagesGivenByName() {
    bridge
        .withDockerfile("FROM base AS b\nCOPY --from=tools /a /b\n")
        .withImage("docker.io/me/base:2", ScriptedBridge.resource("base/gold.json"))
        .withImage(
            "docker.io/library/tools@sha256:" + "3".repeat(64),
            ScriptedBridge.resource("base/gold.json"));
    options.put("context:base", "docker-image://me/base:2");
    options.put("context:tools::linux/amd64", "oci-layout://store/x@sha256:" + "3".repeat(64));
    options.put("context:tools", "docker-image://never");

    solve();

    assertThat(lastNames())
        .containsExactly(
            "[context base] me/base:2",
            "[context tools::linux/amd64] OCI load from client",
            "[b 1/2] COPY --from=tools /a /b");
    assertThat(source("[context tools::linux/amd64] OCI load from client"))
        .containsEntry("oci.store", "store/x")
        .containsEntry("oci.session", ScriptedBridge.SESSION);
    assertThat(bridge.queries())
        .contains("[context base] load metadata for me/base:2 for linux/amd64 by default");
  }

  @Test
  void followsAPolicyThatMakesADirectoryOfAnImage() {
    bridge
        .withDockerfile("FROM base\nRUN x\n")
        .withDirectory("mine", Map.of())
        .withConverted("docker-image://docker.io/library/alpine:latest", "local://mine");
    options.put("context:base", "docker-image://alpine");

    solve();

    assertThat(lastNames()).contains("[context base] load from client");
  }

  @Test
  void takesTheTimeOfADownloadFromTheArchiveThatItIs() throws IOException {
    ByteArrayOutputStream archive = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(new GZIPOutputStream(archive))) {
      for (long time : List.of(1_600_000_000L, 1_700_000_000L, 1_650_000_000L)) {
        TarArchiveEntry entry = new TarArchiveEntry("f" + time);
        entry.setModTime(FileTime.from(Instant.ofEpochSecond(time)));
        tar.putArchiveEntry(entry);
        tar.closeArchiveEntry();
      }
      TarArchiveEntry directory = new TarArchiveEntry("later/");
      directory.setModTime(FileTime.from(Instant.ofEpochSecond(1_800_000_000L)));
      tar.putArchiveEntry(directory);
      tar.closeArchiveEntry();
    }
    bridge
        .withDockerfile("FROM scratch\nARG SOURCE_DATE_EPOCH\nLABEL epoch=$SOURCE_DATE_EPOCH\n")
        .withUndatedDownloads()
        .withDownload("https://example.org/data.tgz", archive.toByteArray())
        .withDownload("https://example.org/text", new byte[] {'t'});
    options.put("context:data", "https://example.org/data.tgz");
    options.put("context:text", "https://example.org/text");

    options.put("build-arg:SOURCE_DATE_EPOCH", "data");
    assertThat(epochLabel()).isEqualTo("1700000000");
    options.put("build-arg:SOURCE_DATE_EPOCH", "text");
    assertThat(epochLabel()).isEmpty();
  }

  private String epochLabel() {
    return json(solve(), "containerimage.config")
        .path("config")
        .path("Labels")
        .path("epoch")
        .asString("");
  }

  @Test
  void takesDirectoriesGivenByName() {
    bridge
        .withDockerfile("FROM scratch\nCOPY --from=assets a /\n")
        .withDirectory("assets-dir", Map.of(".dockerignore", "x\n"));
    options.put("context:assets", "local:assets-dir");
    options.put("sharedkey:localdir:assets", "key");

    solve();

    assertThat(source("[context assets] load .dockerignore"))
        .containsEntry("local.sharedkeyhint", "context:assets-.dockerignore");
    assertThat(source("[context assets] load from client"))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "local.session",
                ScriptedBridge.SESSION,
                "local.sharedkeyhint",
                "context:assets-key",
                "local.excludepatterns",
                "[\"x\"]",
                "local.followpaths",
                "[\"a\"]"));
  }

  @Test
  void takesInputsGivenByName() {
    bridge.withDockerfile("FROM other\nRUN x\n");
    options.put("platform", "linux/amd64");
    solveOther("FROM gold\nRUN earlier\n");
    options.put("context:other", "input:made");
    options.put(
        "input-metadata:made",
        "{\"containerimage.config\":\"eyJvcyI6ImxpbnV4IiwiYXJjaGl0ZWN0dXJlIjoiYW1kNjQi"
            + "LCJjb25maWciOnsiRW52IjpbIkE9YiJdfX0=\"}");

    FrontendResult result = solve();

    assertThat(lastNames()).endsWith("[2/2] RUN earlier", "[1/2] RUN x");
    assertThat(json(result, "containerimage.config").path("config").path("Env").toString())
        .contains("A=b");
  }

  private void solveOther(String dockerfile) {
    ScriptedBridge other = new ScriptedBridge().withDockerfile(dockerfile);
    inputs.put(
        "made",
        new DockerfileFrontend(SyntaxImages.PULLED)
            .solve(new Frontend.Request(Map.of(), Map.of()), other)
            .single()
            .orElseThrow()
            .definition());
  }

  @Test
  void takesTheWholeContextAsAnInput() {
    bridge.withDirectory("dockerfile", Map.of("Dockerfile", "FROM scratch\nCOPY a /\n"));
    solveOther("FROM gold\nRUN earlier\n");
    inputs.put("context", inputs.remove("made"));
    options.put("contextsubdir", "sub");

    solve();

    assertThat(lastNames())
        .contains("[2/2] RUN earlier")
        .doesNotContain("[internal] load build context");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "local:x:y; no directory x:y", "nothing; invalid context specifier nothing for base",
        "oci-layout://a; oci-layout reference \"a\" has no digest",
            "input:gone; invalid input gone for base"
      })
  void saysWhatIsWrongWithANamedContext(String value, String problem) {
    bridge.withDockerfile("FROM base\n");
    options.put("context:base", value);

    assertThatThrownBy(this::solve).hasMessage(problem);
  }

  @Test
  void buildsFromARepository() {
    options.put("context", "https://h/a.git#main:dir");
    options.put("build-arg:BUILDKIT_CONTEXT_KEEP_GIT_DIR", "1");

    assertThatThrownBy(this::solve)
        .hasMessageStartingWith("failed to read dockerfile: open Dockerfile");

    assertThat(source("[internal] load git source https://h/a.git#main:dir"))
        .containsEntry("git.fullurl", "https://h/a.git")
        .containsEntry("git.keepgitdir", "true");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "docker/dockerfile:1",
        "docker/dockerfile",
        "docker.io/docker/dockerfile:1.7-labs",
        "docker/dockerfile:1.12.0",
        "docker/dockerfile-upstream:master"
      })
  void servesTheOfficialFrontendImageItself(String image) {
    bridge.withDockerfile("# syntax=" + image + "\nFROM scratch\n");

    solve();

    assertThat(bridge.forwarded()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "docker/dockerfile:2",
        "me/dockerfile:1",
        "docker/dockerfile:1@sha256:"
            + "0000000000000000000000000000000000000000000000000000000000000000"
      })
  void forwardsToOtherFrontendImages(String image) {
    bridge.withDockerfile("# syntax=" + image + " option\nFROM scratch\n");

    assertThatThrownBy(this::solve)
        .isInstanceOfSatisfying(
            Unsupported.class,
            failure ->
                assertThat(failure.fact(Fact.AtSource.class).orElseThrow().ranges())
                    .containsExactly(new Fact.SourceRange(1, 0, 1, 0)));

    assertThat(bridge.forwarded().getFirst().frontend()).isEqualTo("gateway.v0");
    assertThat(bridge.forwarded().getFirst().request().options())
        .containsEntry("source", image)
        .containsEntry("cmdline", image + " option");
  }

  @Test
  void refusesCapabilitiesItDoesNotHave() {
    bridge.withDockerfile("FROM scratch\n");
    options.put("frontend.caps", "moby.buildkit.frontend.inputs,some.other");

    assertThatThrownBy(this::solve)
        .isInstanceOfSatisfying(
            Unsupported.class,
            failure ->
                assertThat(failure.fact(Fact.MissingFrontendCap.class))
                    .contains(new Fact.MissingFrontendCap("some.other")));
  }

  @Test
  void enablesDevicesForLabsReleasesOnly() {
    bridge.withDockerfile("# syntax=docker/dockerfile:1-labs\nFROM gold\nRUN --device=v/c=0 x\n");

    solve();

    assertThat(lastNames()).contains("[2/2] RUN --device=v/c=0 x");
  }

  @Test
  void describesWhatCanBeAsked() {
    bridge.withDockerfile("FROM scratch\n");
    options.put("requestid", "frontend.subrequests.describe");

    FrontendResult result = solve();

    assertThat(text(result, "result.txt"))
        .isEqualTo(
            """
            NAME                 VERSION DESCRIPTION
            outline              1.0.0   List all parameters current build target supports
            targets              1.0.0   List all targets current build supports
            subrequests.describe 1.0.0   List available subrequest types
            """);
    assertThat(json(result, "result.json")).hasSize(3);
  }

  @Test
  void listsTargets() {
    bridge.withDockerfile("# a is first\nFROM busybox AS a\nFROM a\n");
    options.put("requestid", "frontend.targets");

    FrontendResult result = solve();

    assertThat(text(result, "result.txt"))
        .isEqualTo("TARGET    DESCRIPTION\na         is first\n(default) \n");
    assertThat(json(result, "result.json").path("targets").path(1).path("base").asString())
        .isEqualTo("a");
    assertThat(text(result, "version")).isEqualTo("1.0.0");
  }

  @Test
  void checksWithoutBuilding() {
    bridge.withDockerfile(
        "from busybox\nCMD a\nRUN true\nFROM gold\nBAD x\n".replace("BAD x\n", ""));
    options.put("requestid", "frontend.lint");

    FrontendResult result = solve();

    assertThat(text(result, "result.statuscode")).isEqualTo("1");
    assertThat(text(result, "result.txt"))
        .startsWith(
            """

            WARNING: ConsistentInstructionCasing - https://docs.docker.com/go/dockerfile/rule/consistent-instruction-casing/
            Command 'from' should match the case of the command majority (uppercase)
            Dockerfile:1
            --------------------
               1 | >>> from busybox
               2 |     CMD a
               3 |     RUN true
            --------------------
            """);
    assertThat(json(result, "result.json").path("warnings")).hasSize(2);
  }

  @Test
  void reportsWhatStopsABuildWhenItChecks() {
    bridge.withDockerfile("FROM gold\nBAD x\n");
    options.put("requestid", "frontend.lint");

    JsonNode error = json(solve(), "result.json").path("buildError");

    assertThat(error.path("message").asString())
        .isEqualTo(
            "dockerfile parse error on line 2: unknown instruction: BAD" + " (did you mean ADD?)");
    assertThat(error.path("location").path("ranges").path(0).path("start").path("line").asInt())
        .isEqualTo(2);
  }

  @Test
  void reportsAllWrongInstructionsWhenItChecks() {
    bridge.withDockerfile(
        "LABEL a=b\nLABEL c=d\nFROM --x gold\nCOPPY a b\nLABEL a=b\nRUN --nets=none true\n");
    options.put("requestid", "frontend.lint");

    JsonNode error = json(solve(), "result.json").path("buildError");

    assertThat(error.path("message").asString().lines())
        .containsExactly(
            "no build stage in current context",
            "dockerfile parse error on line 3: unknown flag: --x",
            "dockerfile parse error on line 4: unknown instruction: COPPY (did you mean COPY?)",
            "dockerfile parse error on line 6: unknown flag: --nets");
    assertThat(error.path("location").path("ranges").path(0).path("start").path("line").asInt())
        .isEqualTo(1);
  }

  @Test
  void reportsWhatCannotBeReadBesideWrongInstructionsWhenItChecks() {
    bridge.withDockerfile(
        "FROM gold\nENV a\nCOPPY a b\nLABEL a=b c\nRUN --nets=none true\nRUN <<EOT\ntrue\n");
    options.put("requestid", "frontend.lint");

    JsonNode error = json(solve(), "result.json").path("buildError");

    assertThat(error.path("message").asString().lines())
        .containsExactly(
            "ENV must have two arguments",
            "dockerfile parse error on line 3: unknown instruction: COPPY (did you mean COPY?)",
            "Syntax error - can't find = in \"c\". Must be of the form: name=value",
            "dockerfile parse error on line 5: unknown flag: --nets",
            "unterminated heredoc");
    assertThat(error.path("location").path("ranges").path(0).path("start").path("line").asInt())
        .isEqualTo(2);
  }

  @Test
  void doesNotMissAStageThatCannotBeRead() {
    bridge.withDockerfile("FROM gold <<E\nFROM --platform=\"a gold\nENV a\n");
    options.put("requestid", "frontend.lint");

    JsonNode error = json(solve(), "result.json").path("buildError");

    assertThat(error.path("message").asString()).doesNotContain("no build stage");
  }

  /// Clients show it as it is.
  @Test
  void printsAnswersAsTheReferenceDoes() {
    bridge.withDockerfile("FROM scratch AS a\n");
    options.put("requestid", "frontend.targets");

    assertThat(text(solve(), "result.json"))
        .isEqualTo(
            """
            {
              "targets": [
                {
                  "name": "a",
                  "default": true,
                  "base": "scratch",
                  "location": {
                    "ranges": [
                      {
                        "start": {
                          "line": 1
                        },
                        "end": {
                          "line": 1
                        }
                      }
                    ]
                  }
                }
              ],
              "sources": [
                "RlJPTSBzY3JhdGNoIEFTIGEK"
              ]
            }""");
  }

  /// As the genuine daemon v0.32.2 answered, but for the digest, in which the session counts.
  @Test
  void aCheckTellsWhereItsDockerfileCameFrom() {
    bridge.withDockerfile("FROM scratch\nCOPY x /\n");
    options.put("requestid", "frontend.lint");

    JsonNode definition = json(solve(), "result.json").path("sources").path(0).path("definition");

    assertThat(definition.path("def")).hasSize(2);
    String source = sha256(decoded(definition.path("def").path(0)));
    String head = sha256(decoded(definition.path("def").path(1)));
    JsonNode expected =
        JsonMapper.shared()
            .readTree(
                """
                {
                  "%s": {
                    "caps": {"constraints": true, "meta.description": true, "platform": true}
                  },
                  "%s": {
                    "description": {
                      "llb.customname": "[internal] load build definition from Dockerfile"
                    },
                    "caps": {
                      "source.local": true,
                      "source.local.followpaths": true,
                      "source.local.sessionid": true,
                      "source.local.sharedkeyhint": true
                    }
                  }
                }
                """
                    .formatted(head, source));
    assertThat(definition.path("metadata")).isEqualTo(expected);
    assertThat(definition.path("Source").path("locations").has(source)).isTrue();
  }

  private static byte[] decoded(JsonNode op) {
    return Base64.getDecoder().decode(op.asString());
  }

  private static String sha256(byte[] bytes) {
    return Digest.ofBytes(bytes).toString();
  }

  @Test
  void outlinesTheTarget() {
    bridge.withDockerfile(
        "ARG V=1\nFROM busybox AS a\nARG W=2\nRUN --mount=type=secret,id=q true\n");
    options.put("requestid", "frontend.outline");

    assertThat(text(solve(), "result.txt"))
        .isEqualTo(
            """
            TARGET: a

            BUILD ARG   VALUE   DESCRIPTION
            W           2      \s

            SECRET   REQUIRED
            q       \s

            """);
  }

  /// What the genuine daemon v0.32.2 answered, without the sources' texts.
  @Test
  void convertsToLlb() {
    bridge.withDockerfile(
        """
        FROM scratch AS base
        ARG FOO=abc
        RUN --mount=type=cache,target=/cache,mode=0773 touch /cache/$FOO && ls -l /cache | wc -l > /out
        """);
    options.put("requestid", "frontend.convertllb");
    options.put("no-cache", "");

    FrontendResult result = solve();

    JsonNode recorded =
        JsonMapper.shared().readTree(ScriptedBridge.resource("golden/convertllb.answer"));
    JsonNode answer = json(result, "result.json");
    assertThat(answer.path("def")).isEqualTo(recorded.path("def"));
    assertThat(answer.path("metadata")).isEqualTo(recorded.path("metadata"));
    assertThat(answer.path("source").path("locations")).isEqualTo(recorded.path("locations"));
    assertThat(text(result, "version")).isEqualTo("0.1.0");
    assertThat(result.metadata()).doesNotContainKey("result.txt");
  }

  @Test
  void refusesAnInputThatIsNone() {
    inputs.put("context", Definition.SCRATCH);

    assertThatThrownBy(this::solve)
        .isInstanceOf(InvalidRequest.class)
        .hasMessage("invalid nil input definition to definition op");
  }

  @Test
  void ignoresNothingWhereTheClientHasNoContext() {
    bridge
        .withDirectory("dockerfile", Map.of("Dockerfile", "FROM scratch\nLABEL a=b\n"))
        .withoutDirectory("context");

    assertThat(solve().metadata()).containsKey("containerimage.config");
  }

  @Test
  void refusesOtherRequests() {
    bridge.withDockerfile("FROM scratch\n");
    options.put("requestid", "frontend.nosuch");

    assertThatThrownBy(this::solve)
        .isInstanceOfSatisfying(
            Unsupported.class,
            failure -> {
              assertThat(failure).hasMessage("unsupported request frontend.nosuch");
              assertThat(failure.fact(Fact.UnsupportedSubrequest.class)).isPresent();
            });
  }
}
