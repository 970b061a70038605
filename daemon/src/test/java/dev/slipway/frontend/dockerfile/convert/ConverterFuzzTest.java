package dev.slipway.frontend.dockerfile.convert;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.failure.BuildFailure;
import dev.slipway.frontend.dockerfile.graph.ExecNode;
import dev.slipway.frontend.dockerfile.lint.LintOptions;
import dev.slipway.frontend.dockerfile.lint.Linter;
import dev.slipway.frontend.dockerfile.source.DockerfileError;
import dev.slipway.llb.LlbEncoder;
import dev.slipway.oci.Platform;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/// Whatever stands in a Dockerfile, it becomes a definition or is refused, soon: expansions, flags
/// and stages are understood only when it is converted.
class ConverterFuzzTest {
  private static final List<String> PIECES =
      List.of(
          "${A:-",
          "${A:+",
          "${A:?",
          "${A#",
          "${A##*",
          "${A%",
          "${A%%?",
          "${A/",
          "${A//*/",
          "}",
          "$A",
          "\\$",
          "${",
          "$",
          "'",
          "\"",
          "*",
          "**",
          "[",
          "]",
          "\\",
          "\n",
          " ",
          "=",
          ",",
          "/",
          "..",
          "~",
          ":",
          "@",
          "sha256:",
          "--from=",
          "--mount=type=",
          "--mount=type=cache,target=",
          "--chmod=u+x",
          "--chown=",
          "--platform=",
          "--link ",
          "--parents ",
          "--exclude=",
          "--pack",
          "--checksum=",
          "https://example.com/a.git#",
          "\nFROM ",
          "\nFROM gold AS x\n",
          "\nRUN ",
          "\nCOPY <<E /f\n",
          "\nE\n",
          "\nARG A=",
          "\nENV A=",
          "\nONBUILD ",
          "\nEXPOSE ",
          "\nHEALTHCHECK --interval=",
          "\nWORKDIR ",
          "\nADD ",
          "\nSHELL [\"a\"]\n",
          "# check=",
          "\u0000",
          "\ud83d\ude00",
          "\ud83d",
          "9".repeat(30),
          "-1",
          "a-b",
          "a-b/tcp");

  private static final LintOptions ALL_ADVICE =
      LintOptions.parse(
          "experimental=InvalidDefinitionDescription,SlipwayEmulatedCompile,SlipwayCacheBuster");

  /// The limit is for what hangs: a whole run takes a second or so.
  @Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void convertsOrRefusesDamagedFiles(long seed) {
    Random random = new Random(seed);
    List<String> corpus = corpus();
    for (int i = 0; i < 200; i++) {
      String text = damage(corpus.get(random.nextInt(corpus.size())), random);
      try {
        convert(text);
      } catch (RuntimeException | StackOverflowError e) {
        throw new AssertionError("seed " + seed + " made of it:\n" + text, e);
      }
    }
  }

  private static void convert(String text) {
    try {
      Conversion conversion = DockerfileConverter.convert(request(text), new RecordedImages());
      assertThat(LlbEncoder.encodeBytes(conversion.definition())).isNotNull();
    } catch (BuildFailure | DockerfileError refused) {
      assertThat(refused.getMessage()).as("refusal of %s", text).isNotBlank();
    }
  }

  private static String damage(String text, Random random) {
    StringBuilder damaged = new StringBuilder(text);
    for (int i = random.nextInt(5); i >= 0; i--) {
      int position = random.nextInt(damaged.length() + 1);
      if (random.nextInt(4) == 0) {
        damaged.delete(position, Math.min(damaged.length(), position + 1 + random.nextInt(8)));
      } else {
        damaged.insert(position, PIECES.get(random.nextInt(PIECES.size())));
      }
    }
    return damaged.toString();
  }

  private static ConversionRequest request(String text) {
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
    return new ConversionRequest(
        text,
        config,
        Optional.of(Platform.LINUX_ARM64),
        List.of(Platform.LINUX_AMD64),
        Capabilities.ALL,
        Optional.empty(),
        new Linter(ALL_ADVICE, _ -> {}),
        false,
        false,
        () -> "group");
  }

  private static List<String> corpus() {
    return new String(RecordedImages.resource("golden/names.txt"), StandardCharsets.UTF_8)
        .lines()
        .map(name -> RecordedImages.resource("golden/" + name + ".json"))
        .map(recorded -> JsonMapper.shared().readTree(recorded).path("dockerfile").asString())
        .toList();
  }
}
