package dev.slipway.frontend.dockerfile.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.failure.NotFound;
import dev.slipway.frontend.dockerfile.graph.ExecNode;
import dev.slipway.frontend.dockerfile.graph.NodeNotes;
import dev.slipway.frontend.dockerfile.graph.SourceNode;
import dev.slipway.frontend.dockerfile.lint.LintOptions;
import dev.slipway.frontend.dockerfile.lint.LintWarning;
import dev.slipway.frontend.dockerfile.lint.Linter;
import dev.slipway.frontend.dockerfile.source.DockerfileError;
import dev.slipway.frontend.dockerfile.source.LineSpan;
import dev.slipway.llb.Definition;
import dev.slipway.llb.ExecOp;
import dev.slipway.llb.OpVertex;
import dev.slipway.llb.SourceOp;
import dev.slipway.oci.Platform;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ConverterTest {
  private static final Platform ARM = Platform.LINUX_ARM64;

  private final List<LintWarning> warnings = new ArrayList<>();
  private final SortedMap<String, String> arguments = new TreeMap<>();
  private RecordedImages world = new RecordedImages();
  private String target = "";
  private Optional<List<String>> noCache = Optional.empty();
  private Optional<Platform> platform = Optional.of(Platform.LINUX_AMD64);
  private boolean multiPlatform;
  private LintOptions lint = LintOptions.DEFAULT;

  private Conversion convert(String dockerfile) {
    return DockerfileConverter.convert(request(dockerfile), world);
  }

  private ConversionRequest request(String dockerfile) {
    BuildConfig config =
        new BuildConfig(
            arguments,
            target,
            new TreeMap<>(),
            noCache,
            multiPlatform,
            BuildConfig.ResolveMode.DEFAULT,
            "",
            "",
            "",
            List.of(),
            0,
            List.of(),
            Optional.empty(),
            ExecNode.NetworkMode.SANDBOX);
    return new ConversionRequest(
        dockerfile,
        config,
        platform,
        List.of(Platform.LINUX_AMD64),
        Capabilities.ALL,
        Optional.empty(),
        new Linter(lint, warnings::add),
        false,
        false,
        () -> "group");
  }

  private static List<String> names(Conversion conversion) {
    return conversion.definition().vertices().values().stream()
        .map(vertex -> vertex.metadata().customName().orElse(""))
        .toList();
  }

  private static String image(Conversion conversion) {
    return conversion.image().toStringUtf8();
  }

  private static OpVertex named(Conversion conversion, String part) {
    return conversion.definition().vertices().values().stream()
        .filter(vertex -> vertex.metadata().customName().orElse("").contains(part))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no vertex " + part + " in " + names(conversion)));
  }

  private static ExecOp step(Conversion conversion, String part) {
    return (ExecOp) named(conversion, part).op();
  }

  private List<String> advice() {
    return warnings.stream().map(LintWarning::summary).toList();
  }

  @Test
  void buildsOnlyStagesTheTargetNeeds() {
    target = "B";

    Conversion conversion =
        convert("FROM gold AS a\nRUN a\nFROM busybox AS unused\nRUN u\nFROM a AS b\nRUN b\n");

    assertThat(names(conversion))
        .containsExactly(
            "[a 1/2] FROM"
                + " docker.io/library/gold:latest@sha256:769001a655d75485d6a55f7f3386c252725d5950f76fd92e34d5c089b6bd1d17",
            "[a 2/2] RUN a",
            "[b 1/1] RUN b");
    assertThat(world.lookedUp()).containsExactly("docker.io/library/gold:latest");
  }

  @Test
  void suggestsTheTargetThatWasMeant() {
    target = "buidl";

    assertThatThrownBy(() -> convert("FROM gold AS build\nFROM gold AS test\n"))
        .hasMessage("target stage \"buidl\" could not be found (did you mean build?)");
  }

  @Test
  void suggestsTheStageOrImageThatWasMeant() {
    assertThatThrownBy(() -> convert("FROM gold AS builder\nFROM gold\nCOPY --from=bilder /a /b\n"))
        .isInstanceOfSatisfying(
            DockerfileError.class,
            error -> {
              assertThat(error.message())
                  .startsWith("bilder: ")
                  .endsWith("not found (did you mean builder?)");
              assertThat(error.places()).containsExactly(LineSpan.line(3));
              assertThat(error.getCause()).hasCauseInstanceOf(NotFound.class);
            });
    assertThatThrownBy(() -> convert("FROM alpin\n"))
        .hasMessageEndingWith("(did you mean alpine?)");
  }

  @Test
  void showsEveryInstructionOfACycle() {
    String mutual =
        """
        FROM gold AS a
        COPY --from=1 /x /y
        FROM gold AS b
        RUN --mount=from=a,target=/b x
        FROM a
        """;

    assertThatThrownBy(() -> convert(mutual))
        .isInstanceOfSatisfying(
            DockerfileError.class,
            error -> assertThat(error.places()).containsExactly(LineSpan.line(2), LineSpan.line(4)))
        .hasMessage("circular dependency detected on stage: a");
    assertThatThrownBy(() -> convert("FROM gold AS a\nRUN x\nCOPY --from=a / /\n"))
        .hasMessage("circular dependency detected on stage: a");
  }

  @Test
  void refusesFilesOfStagesThatComeLater() {
    assertThatThrownBy(
            () -> convert("FROM gold AS a\nCOPY --from=1 /x /y\nFROM gold AS b\nFROM a\n"))
        .hasMessage(
            "cannot copy from stage \"1\", it needs to be defined before current stage \"a\"");
  }

  @Test
  void runsTriggersOfABaseImageBeforeTheStage() {
    world.withImage(
        "docker.io/library/trigger:latest",
        """
        {"os":"linux","architecture":"amd64","config":{"Env":["A=b"],"OnBuild":["RUN one","COPY --from=gold /x /y"]},
         "rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}\
        """
            .formatted("0".repeat(64)));

    Conversion conversion = convert("FROM trigger\nRUN two\n");

    assertThat(names(conversion).subList(1, 5))
        .containsExactly(
            "[2/4] ONBUILD RUN one",
            "FROM docker.io/library/gold:latest@sha256:769001a655d75485d6a55f7f3386c252725d5950f76fd92e34d5c089b6bd1d17",
            "[3/4] ONBUILD COPY --from=gold /x /y",
            "[4/4] RUN two");
    assertThat(image(conversion)).doesNotContain("OnBuild");
  }

  @Test
  void runsTriggersOfABaseStageOnce() {
    Conversion conversion =
        convert("FROM gold AS a\nONBUILD RUN late\nFROM a\nFROM a AS b\nRUN x\n");

    assertThat(names(conversion)).endsWith("[b 1/2] ONBUILD RUN late", "[b 2/2] RUN x");
    assertThat(image(conversion)).doesNotContain("OnBuild");
  }

  @Test
  void keepsTriggersForLaterBuilds() {
    assertThat(image(convert("FROM gold\nONBUILD RUN a <b\n")))
        .contains("\"OnBuild\":[\"RUN a \\u003cb\"]");
  }

  @Test
  void showsAWrongTriggerAtTheStageThatPulledItIn() {
    world.withImage(
        "docker.io/library/trigger:latest",
        """
        {"os":"linux","architecture":"amd64","config":{"OnBuild":["NONSENSE"]},"rootfs":{"type":"layers","diff_ids":[]}}\
        """);

    assertThatThrownBy(() -> convert("\nFROM trigger\n"))
        .isInstanceOfSatisfying(
            DockerfileError.class,
            error -> assertThat(error.places()).containsExactly(LineSpan.line(2)))
        .hasMessage("unknown instruction: NONSENSE");
  }

  @Test
  void runsWithDeclaredArgumentsOnly() {
    arguments.put("GIVEN", "g");
    arguments.put("OTHER", "o");

    Conversion conversion =
        convert(
            """
            ARG GLOBAL=1
            FROM gold
            ARG GLOBAL
            ARG GIVEN
            ARG OWN=$GLOBAL-x
            ARG UNSET
            RUN x
            """);

    assertThat(step(conversion, "RUN").meta().env())
        .containsExactly("PATH=/bin", "GOLD=1", "GLOBAL=1", "GIVEN=g", "OWN=1-x");
    assertThat(image(conversion))
        .contains("RUN |4 GLOBAL=1 GIVEN=g OWN=1-x UNSET= /bin/sh -c x # buildkit");
    assertThat(image(conversion)).doesNotContain("\"GIVEN=g\"");
  }

  @Test
  void knowsWhatItIsBuiltOnAndWhatFor() {
    platform = Optional.of(Platform.of("linux", "arm", "v7"));
    world.withImage(
        "docker.io/library/any:latest",
        """
        {"os":"linux","architecture":"arm","variant":"v7","config":{},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}\
        """
            .formatted("1".repeat(64)));

    Conversion conversion =
        convert(
            "FROM any\nARG BUILDPLATFORM BUILDARCH TARGETPLATFORM TARGETOS TARGETARCH"
                + " TARGETVARIANT TARGETSTAGE\nRUN x\n");

    assertThat(step(conversion, "RUN").meta().env())
        .contains(
            "BUILDPLATFORM=linux/amd64",
            "BUILDARCH=amd64",
            "TARGETPLATFORM=linux/arm/v7",
            "TARGETOS=linux",
            "TARGETARCH=arm",
            "TARGETVARIANT=v7",
            "TARGETSTAGE=default");
    assertThat(named(conversion, "RUN").platform()).contains(Platform.of("linux", "arm", "v7"));
  }

  @Test
  void showsWhatACrossBuildIsFor() {
    platform = Optional.of(ARM);
    multiPlatform = true;

    Conversion conversion = convert("FROM --platform=$BUILDPLATFORM gold\nARG TARGETARCH\nRUN x\n");

    assertThat(names(conversion).getLast()).isEqualTo("[linux/amd64->arm64 2/2] RUN x");
    assertThat(image(conversion)).contains("\"architecture\":\"arm64\"");
  }

  @Test
  void runsAgainWhatTheClientDoesNotWantCached() {
    noCache = Optional.of(List.of("B"));

    Conversion conversion =
        convert("FROM gold AS a\nRUN a\nFROM gold AS b\nCOPY --from=a /x /\nRUN b\n");

    assertThat(named(conversion, "RUN a").metadata().ignoreCache()).isFalse();
    assertThat(named(conversion, "COPY").metadata().ignoreCache()).isTrue();
    assertThat(named(conversion, "RUN b").metadata().ignoreCache()).isTrue();
    assertThat(conversion.definition().caps()).contains("meta.ignorecache");
  }

  @Test
  void asksTheClientForUsedPathsOnly() {
    world.followingPaths();

    Definition definition = convert("FROM scratch\nCOPY b a /\nADD http://x/y d /\n").definition();

    assertThat(
            ((SourceOp)
                    definition.vertices().values().stream()
                        .filter(
                            vertex ->
                                vertex.op() instanceof SourceOp source
                                    && source.scheme().equals("local"))
                        .findFirst()
                        .orElseThrow()
                        .op())
                .attributes())
        .containsEntry("local.followpaths", "[\"a\",\"b\",\"d\"]");
  }

  @Test
  void asksTheClientForEverythingWhereAStepMayReadIt() {
    world.followingPaths();

    Definition definition =
        convert("FROM gold\nCOPY a /\nRUN --mount=target=/src x\n").definition();

    assertThat(
            ((SourceOp)
                    definition.vertices().values().stream()
                        .filter(
                            vertex ->
                                vertex.op() instanceof SourceOp source
                                    && source.scheme().equals("local"))
                        .findFirst()
                        .orElseThrow()
                        .op())
                .attributes())
        .doesNotContainKey("local.followpaths");
  }

  @Test
  void takesNamedContextsInPlaceOfImagesAndStages() {
    SourceNode tree =
        new SourceNode(
            new SourceNode.Source("local://other", new TreeMap<>(), Set.of("source.local")),
            Optional.empty(),
            NodeNotes.named("[context other] load from client"));
    world =
        new RecordedImages()
            .withContext(
                "base",
                BuildState.of(tree.output()),
                Optional.of(
                    """
                    {"os":"linux","architecture":"arm64","config":{"Env":["FROM=context"],"User":"u"}}\
                    """))
            .withContext("stage", BuildState.of(tree.output()), Optional.empty());

    Conversion conversion =
        convert("FROM gold AS stage\nRUN never\nFROM base\nCOPY --from=stage /a /b\nRUN x\n");

    assertThat(names(conversion))
        .containsExactly(
            "[context other] load from client",
            "[stage-1 1/3] COPY --from=stage /a /b",
            "[stage-1 2/3] RUN x");
    assertThat(step(conversion, "RUN").meta().user()).isEqualTo("u");
    assertThat(step(conversion, "RUN").meta().env()).contains("FROM=context");
    assertThat(world.lookedUp()).isEmpty();
  }

  @Test
  void stampsResultsWithTheTimeOfTheContext() {
    arguments.put("SOURCE_DATE_EPOCH", "context");

    Conversion conversion = convert("FROM gold\nARG SOURCE_DATE_EPOCH\nRUN x\n");

    assertThat(conversion.epoch().orElseThrow().getEpochSecond()).isEqualTo(1_700_000_123);
    assertThat(step(conversion, "RUN").meta().env()).contains("SOURCE_DATE_EPOCH=1700000123");
    assertThat(image(conversion)).contains("\"created\":\"2023-11-14T22:15:23Z\"");
  }

  @Test
  void stampsResultsWithTheTimeOfAStageThatIsOneDownload() {
    arguments.put("SOURCE_DATE_EPOCH", "src");

    assertThat(
            convert("FROM scratch AS src\nARG V=1\nADD https://x/$V.tar /\nFROM gold\n")
                .epoch()
                .orElseThrow()
                .getEpochSecond())
        .isEqualTo(1_700_000_456);
    assertThatThrownBy(() -> convert("FROM gold AS src\nFROM gold\n"))
        .hasMessage("SOURCE_DATE_EPOCH stage must use FROM scratch");
    assertThatThrownBy(() -> convert("FROM scratch AS src\nRUN x\nFROM gold\n"))
        .hasMessageContaining("unsupported RUN instruction");
    assertThatThrownBy(() -> convert("FROM scratch AS src\nFROM gold\n"))
        .hasMessage("SOURCE_DATE_EPOCH stage must contain exactly one remote ADD");
  }

  @Test
  void detectsThePlatformOfTheImageOnlyWhenNobodyAskedForOne() {
    platform = Optional.empty();
    world.withImage(
        "docker.io/library/arm:latest",
        """
        {"os":"linux","architecture":"arm64","config":{},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}\
        """
            .formatted("2".repeat(64)));

    convert("FROM arm\n");

    assertThat(advice())
        .containsExactly(
            "InvalidBaseImagePlatform: Base image arm was pulled with platform"
                + " \"linux/arm64\", expected \"linux/amd64\" for current build (line 1)");
  }

  @Test
  void advisesOnWhatMayNotBeMeant() {
    world.withIgnored("secret*", "d");

    convert(
        """
        FROM --platform=linux/amd64 gold AS x
        FROM --platform=$TARGETPLATFORM gold AS x
        FROM gold AS context
        ENV legacy value
        ARG API_TOKEN PUBLIC_KEY
        ENV PASSWORD=x
        COPY secret.txt d/e /
        WORKDIR rel
        CMD a
        CMD $UNDEFINED
        LABEL a=$GOLDD
        EXPOSE 80/TCP 1.2.3.4:81:82
        copy a b
        """);

    assertThat(advice())
        .contains(
            "DuplicateStageName: Duplicate stage name \"x\", stage names should be unique (line 2)",
            "ReservedStageName: Stage name should not use the same name as reserved stage"
                + " \"context\" (line 3)",
            "ConsistentInstructionCasing: Command 'copy' should match the case of the command"
                + " majority (uppercase) (line 13)",
            "FromPlatformFlagConstDisallowed: FROM --platform flag should not use constant value"
                + " \"linux/amd64\" (line 1)",
            "RedundantTargetPlatform: Setting platform to predefined $TARGETPLATFORM in FROM is"
                + " redundant as this is the default behavior (line 2)",
            "LegacyKeyValueFormat: \"ENV key=value\" should be used instead of legacy \"ENV key"
                + " value\" format (line 4)",
            "SecretsUsedInArgOrEnv: Do not use ARG or ENV instructions for sensitive data (ARG"
                + " \"API_TOKEN\") (line 5)",
            "SecretsUsedInArgOrEnv: Do not use ARG or ENV instructions for sensitive data (ENV"
                + " \"PASSWORD\") (line 6)",
            "CopyIgnoredFile: Attempting to Copy file \"secret.txt\" that is excluded by"
                + " .dockerignore (line 7)",
            "CopyIgnoredFile: Attempting to Copy file \"d/e\" that is excluded by .dockerignore"
                + " (line 7)",
            "WorkdirRelativePath: Relative workdir \"rel\" can have unexpected results if the base"
                + " image changes (line 8)",
            "MultipleInstructionsDisallowed: Multiple CMD instructions should not be used in the"
                + " same stage because only the last one will be used (line 9)",
            "UndefinedVar: Usage of undefined variable '$GOLDD' (did you mean $GOLD?) (line 11)",
            "ExposeProtoCasing: Defined protocol '80/TCP' in EXPOSE instruction should be lowercase"
                + " (line 12)",
            "ExposeInvalidFormat: EXPOSE instruction should not define an IP address or host-port"
                + " mapping, found '1.2.3.4:81:82' (line 12)");
    assertThat(advice()).noneMatch(text -> text.contains("PUBLIC_KEY"));
  }

  @Test
  void advisesOnAVariableWhoseAbsenceFailsTheBuild() {
    assertThatThrownBy(() -> convert("FROM gold\nLABEL a=${nothing?} b=$more\n"))
        .hasMessage("failed to process \"${nothing?}\": nothing: is not allowed to be unset");

    assertThat(advice())
        .containsExactly("UndefinedVar: Usage of undefined variable '$nothing' (line 2)");
  }

  @Test
  void advisesOnArgumentsOfFrom() {
    arguments.put("IMAGE", "gold");

    convert("ARG IMAGE\nARG VERSION=latest\nFROM $IMAGE:${VERSON:-latest}\n");

    assertThat(advice())
        .containsExactly(
            "InvalidDefaultArgInFrom: Default value for ARG $IMAGE:${VERSON:-latest} results in"
                + " empty or invalid base image name (line 3)",
            "UndefinedArgInFrom: FROM argument 'VERSON' is not declared (did you mean VERSION?)"
                + " (line 3)");
  }

  @Test
  void failsOnAdviceWhereThatIsAskedFor() {
    lint = LintOptions.parse("error=true");

    assertThatThrownBy(() -> convert("FROM gold\nCMD a\nMAINTAINER b\n"))
        .hasMessage("lint violation found for rules: JSONArgsRecommended, MaintainerDeprecated");
  }

  @Test
  void saysNothingAboutRulesThatAreOff() {
    lint = LintOptions.parse("skip=JSONArgsRecommended");

    convert("FROM gold\nCMD a\n# check=skip=all\nENV TOKEN=x\n");

    assertThat(advice()).isEmpty();
  }

  @Test
  void writesDefinitionsOfVeryLongBuilds() {
    Conversion conversion = convert("FROM gold\n" + "RUN x\n".repeat(5_000));

    assertThat(conversion.definition().vertices()).hasSize(5_001);
  }

  @Test
  void refusesVariablesThatGrowWithoutEnd() {
    assertThatThrownBy(
            () -> convert("FROM gold\nENV A=xxxxxxxxxxxxxxxx\n" + "ENV A=$A$A\n".repeat(60)))
        .isInstanceOf(DockerfileError.class)
        .hasMessageContaining("longer than");
  }

  private static final String OURS =
      "experimental=SlipwayEmulatedCompile,SlipwayCacheBuster;skip=all";

  @Test
  void advisesToCompileNatively() {
    lint = LintOptions.parse(OURS);
    platform = Optional.of(ARM);

    convert(
        """
        FROM gold AS build
        COPY main.go go.mod ./
        RUN go build -o /app .
        """);

    assertThat(warnings)
        .extracting(LintWarning::summary)
        .containsExactly(
            "SlipwayEmulatedCompile: 'go build' runs under emulation of linux/arm64; with FROM"
                + " --platform=$BUILDPLATFORM on line 1 it would run natively and cross-compile by"
                + " GOOS=$TARGETOS GOARCH=$TARGETARCH (line 3)");
  }

  @Test
  void hasNothingAgainstCompilingNativelyOrNotCompiling() {
    lint = LintOptions.parse(OURS);
    platform = Optional.of(ARM);

    convert(
        """
        FROM --platform=$BUILDPLATFORM gold AS build
        RUN go build -o /app .
        FROM gold
        COPY --from=build /app /app
        RUN ls go builds && makedir x
        """);

    assertThat(warnings).isEmpty();
  }

  @Test
  void advisesToInstallDependenciesBeforeTheRestIsCopied() {
    lint = LintOptions.parse(OURS);

    convert("FROM gold\nWORKDIR /app\nCOPY . .\nRUN npm ci && npm run build\n");

    assertThat(warnings)
        .extracting(LintWarning::summary)
        .containsExactly(
            "SlipwayCacheBuster: Any change in the context makes 'npm ci' run again; copy the files"
                + " that list dependencies first, and the rest after it (line 3)");
  }

  @Test
  void hasNothingAgainstDependenciesFirst() {
    lint = LintOptions.parse(OURS);

    convert(
        """
        FROM gold
        COPY package.json package-lock.json /app/
        RUN npm ci
        COPY . /app
        RUN npm run build
        """);

    assertThat(warnings).isEmpty();
  }

  @Test
  void keepsItsOwnAdviceToItselfUnlessAskedByName() {
    lint = LintOptions.parse("experimental=all");

    convert("FROM gold\nCOPY . /app\nRUN npm ci\n");

    assertThat(warnings).isEmpty();
  }

  @Test
  void outlinesWhatAClientCanSet() {
    Outline outline =
        DockerfileConverter.outline(
            request(
                """
                ARG BASE=gold
                ARG UNUSED=1
                # build the thing
                FROM $BASE AS build
                # V is its version
                ARG V=1
                RUN --mount=type=secret,id=s,required --mount=type=ssh x
                """),
            world);

    assertThat(outline.name()).isEqualTo("build");
    assertThat(outline.description()).isEqualTo("the thing");
    assertThat(outline.arguments())
        .containsExactly(
            new Outline.Argument("BASE", "gold", "", LineSpan.line(1)),
            new Outline.Argument("V", "1", "is its version", LineSpan.line(6)));
    assertThat(outline.secrets()).containsExactly(new Outline.Access("s", true, LineSpan.line(7)));
    assertThat(outline.agents())
        .containsExactly(new Outline.Access("default", false, LineSpan.line(7)));
  }
}
