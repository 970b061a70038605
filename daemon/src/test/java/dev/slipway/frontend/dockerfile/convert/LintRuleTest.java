package dev.slipway.frontend.dockerfile.convert;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.frontend.dockerfile.graph.ExecNode;
import dev.slipway.frontend.dockerfile.lint.LintOptions;
import dev.slipway.frontend.dockerfile.lint.LintRule;
import dev.slipway.frontend.dockerfile.lint.LintWarning;
import dev.slipway.frontend.dockerfile.lint.Linter;
import dev.slipway.oci.Platform;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Every rule finds what it is for, and stays silent about what only looks like it. The texts,
/// lines and links are compared with the reference's elsewhere.
class LintRuleTest {
  private static final LintOptions ALL =
      LintOptions.parse(
          "experimental=InvalidDefinitionDescription,SlipwayEmulatedCompile,SlipwayCacheBuster");
  private static final String OF_ARM =
      """
      {"os":"linux","architecture":"arm64","config":{},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}\
      """
          .formatted("2".repeat(64));

  private final RecordedImages world =
      new RecordedImages()
          .withImage("docker.io/library/arm:latest", OF_ARM)
          .withIgnored("secret.txt");

  /// @param platform to build for; empty when nobody says
  private record Example(String hit, String miss, Optional<Platform> platform) {
    Example(String hit, String miss) {
      this(hit, miss, Optional.of(Platform.LINUX_AMD64));
    }
  }

  @ParameterizedTest
  @EnumSource(LintRule.class)
  void findsWhatItIsForAndNothingElse(LintRule rule) {
    Example example = example(rule);

    assertThat(rules(example.hit(), example.platform())).contains(rule);
    assertThat(rules(example.miss(), example.platform())).doesNotContain(rule);
  }

  private static Example example(LintRule rule) {
    return switch (rule) {
      case STAGE_NAME_CASING -> new Example("FROM gold AS One\n", "FROM gold AS one\n");
      case FROM_AS_CASING -> new Example("FROM gold as one\n", "from gold as one\n");
      case NO_EMPTY_CONTINUATION ->
          new Example(
              "FROM gold\nLABEL a=1 \\\n\n  b=2\n", "FROM gold\nLABEL a=1 \\\n# c\n  b=2\n");
      case CONSISTENT_INSTRUCTION_CASING ->
          new Example("FROM gold\nlabel a=b\n", "from gold\nlabel a=b\n");
      case DUPLICATE_STAGE_NAME ->
          new Example("FROM gold AS a\nFROM gold AS a\n", "FROM gold AS a\nFROM gold AS b\n");
      case RESERVED_STAGE_NAME -> new Example("FROM gold AS context\n", "FROM gold AS contexts\n");
      case JSON_ARGS_RECOMMENDED ->
          new Example("FROM gold\nCMD a\n", "FROM gold\nSHELL [\"/bin/sh\", \"-c\"]\nCMD a\n");
      case MAINTAINER_DEPRECATED ->
          new Example("FROM gold\nMAINTAINER me\n", "FROM gold\nLABEL maintainer=me\n");
      case UNDEFINED_ARG_IN_FROM ->
          new Example("FROM gold:${TAG:-latest}\n", "ARG TAG\nFROM gold:${TAG:-latest}\n");
      case WORKDIR_RELATIVE_PATH ->
          new Example("FROM gold\nWORKDIR a\n", "FROM gold\nWORKDIR /a\nWORKDIR b\n");
      case UNDEFINED_VAR ->
          new Example("FROM gold\nLABEL a=$b\n", "FROM gold\nARG b\nLABEL a=$b c=\\$d\n");
      case MULTIPLE_INSTRUCTIONS_DISALLOWED ->
          new Example(
              "FROM gold\nCMD [\"a\"]\nCMD [\"b\"]\n",
              "FROM gold AS a\nCMD [\"a\"]\nFROM a\nCMD [\"b\"]\n");
      case LEGACY_KEY_VALUE_FORMAT -> new Example("FROM gold\nENV a b\n", "FROM gold\nENV a=b\n");
      case INVALID_BASE_IMAGE_PLATFORM ->
          new Example("FROM arm\n", "FROM gold\n", Optional.empty());
      case REDUNDANT_TARGET_PLATFORM ->
          new Example(
              "FROM --platform=$TARGETPLATFORM gold\n", "FROM --platform=$BUILDPLATFORM gold\n");
      case SECRETS_USED_IN_ARG_OR_ENV ->
          new Example("FROM gold\nENV API_TOKEN=x\n", "FROM gold\nENV PUBLIC_KEY=x MONKEY=y\n");
      case INVALID_DEFAULT_ARG_IN_FROM ->
          new Example("ARG IMAGE\nFROM gold${IMAGE}:$IMAGE\n", "ARG IMAGE=gold\nFROM $IMAGE\n");
      case FROM_PLATFORM_FLAG_CONST_DISALLOWED ->
          new Example(
              "FROM --platform=linux/amd64 gold AS a\n",
              "FROM --platform=linux/amd64 gold AS a-amd64\n");
      case COPY_IGNORED_FILE ->
          new Example("FROM gold\nCOPY secret.txt /\n", "FROM gold\nCOPY secret.txtt /\n");
      case INVALID_DEFINITION_DESCRIPTION ->
          new Example("# other text\nFROM gold AS one\n", "# one is the first\nFROM gold AS one\n");
      case EXPOSE_PROTO_CASING ->
          new Example("FROM gold\nEXPOSE 80/Tcp\n", "FROM gold\nEXPOSE 80/tcp\n");
      case EXPOSE_INVALID_FORMAT ->
          new Example("FROM gold\nEXPOSE 80:81\n", "FROM gold\nEXPOSE 80-81\n");
      case SLIPWAY_EMULATED_COMPILE ->
          new Example(
              "FROM gold\nRUN go build\n",
              "FROM --platform=$BUILDPLATFORM gold\nRUN go build\n",
              Optional.of(Platform.LINUX_ARM64));
      case SLIPWAY_CACHE_BUSTER ->
          new Example(
              "FROM gold\nCOPY . .\nRUN npm ci\n",
              "FROM gold\nCOPY package.json .\nRUN npm ci\nCOPY . .\n");
    };
  }

  private List<LintRule> rules(String dockerfile, Optional<Platform> platform) {
    List<LintWarning> warnings = new ArrayList<>();
    BuildConfig config =
        new BuildConfig(
            new TreeMap<>(),
            "",
            new TreeMap<>(),
            Optional.empty(),
            false,
            BuildConfig.ResolveMode.DEFAULT,
            "",
            "",
            "",
            List.of(),
            0,
            List.of(),
            Optional.empty(),
            ExecNode.NetworkMode.SANDBOX);
    ConversionRequest request =
        new ConversionRequest(
            dockerfile,
            config,
            platform,
            List.of(Platform.LINUX_AMD64),
            Capabilities.ALL,
            Optional.empty(),
            new Linter(ALL, warnings::add),
            false,
            false,
            () -> "group");
    try {
      DockerfileConverter.convert(request, world);
    } catch (dev.slipway.frontend.dockerfile.source.DockerfileError refused) {
      // advice comes before the refusal
    }
    return warnings.stream().map(LintWarning::rule).toList();
  }
}
