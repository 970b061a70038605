package dev.slipway.frontend.dockerfile.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.slipway.frontend.dockerfile.graph.DefinitionWriter.SourceFile;
import dev.slipway.frontend.dockerfile.graph.ExecNode;
import dev.slipway.frontend.dockerfile.lint.LintOptions;
import dev.slipway.frontend.dockerfile.lint.LintWarning;
import dev.slipway.frontend.dockerfile.lint.Linter;
import dev.slipway.frontend.dockerfile.source.DockerfileError;
import dev.slipway.llb.LlbEncoder;
import dev.slipway.llb.OpVertex;
import dev.slipway.oci.Digest;
import dev.slipway.oci.Platform;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Conversions recorded from the reference: the same definition to the byte, the same image, the
/// same warnings.
class GoldenTest {
  private static final JsonMapper JSON = JsonMapper.shared();

  static Stream<String> recordings() {
    return new String(RecordedImages.resource("golden/names.txt"), StandardCharsets.UTF_8).lines();
  }

  @ParameterizedTest
  @MethodSource("recordings")
  void convertsAsRecorded(String name) {
    JsonNode recorded = JSON.readTree(RecordedImages.resource("golden/" + name + ".json"));
    List<LintWarning> warnings = new ArrayList<>();
    ConversionRequest request = request(recorded, warnings);
    if (recorded.has("error")) {
      assertThatThrownBy(() -> DockerfileConverter.convert(request, new RecordedImages()))
          .isInstanceOf(DockerfileError.class)
          .hasMessage(recorded.path("error").asString());
      return;
    }

    Conversion conversion = DockerfileConverter.convert(request, new RecordedImages());

    assertThat(digests(conversion)).isEqualTo(recordedDigests(recorded));
    assertThat(conversion.definition().head().map(head -> head.vertex().toString()).orElse(""))
        .isEqualTo(recorded.path("head").asString(""));
    assertThat(LlbEncoder.encodeBytes(conversion.definition()))
        .isEqualTo(ByteString.copyFrom(RecordedImages.resource("golden/" + name + ".pb")));
    assertThat(image(conversion, name)).isEqualTo(recorded.path("image"));
    assertThat(warnings(warnings)).isEqualTo(recordedWarnings(recorded));
  }

  private static List<String> digests(Conversion conversion) {
    return conversion.definition().vertices().values().stream()
        .map(OpVertex::digest)
        .map(Digest::toString)
        .toList();
  }

  private static List<String> recordedDigests(JsonNode recorded) {
    List<String> digests = new ArrayList<>();
    recorded.path("ops").forEach(op -> digests.add(op.path("digest").asString()));
    return digests.isEmpty() ? digests : digests.subList(0, digests.size() - 1);
  }

  /// The recording leaves out creation times unless they were asked for.
  private static JsonNode image(Conversion conversion, String name) {
    JsonNode image = JSON.readTree(conversion.image().toByteArray());
    if (!name.equals("epoch")) {
      image.path("history").forEach(line -> ((ObjectNode) line).remove("created"));
    }
    return image;
  }

  private static List<String> warnings(List<LintWarning> warnings) {
    return warnings.stream()
        .map(
            warning ->
                String.join(
                    "|",
                    warning.rule().title(),
                    warning.message(),
                    warning.rule().url(),
                    warning.rule().description(),
                    warning.place().first() + "-" + warning.place().last()))
        .toList();
  }

  private static List<String> recordedWarnings(JsonNode recorded) {
    List<String> warnings = new ArrayList<>();
    for (JsonNode warning : recorded.path("warnings")) {
      JsonNode lines = warning.path("location");
      warnings.add(
          String.join(
              "|",
              warning.path("rule").asString(),
              warning.path("message").asString(),
              warning.path("url").asString(),
              warning.path("description").asString(),
              lines.path(0).path("Start").path("Line").asInt()
                  + "-"
                  + lines.path(lines.size() - 1).path("End").path("Line").asInt()));
    }
    return warnings;
  }

  private static ConversionRequest request(JsonNode recorded, List<LintWarning> warnings) {
    String text = recorded.path("dockerfile").asString();
    JsonNode options = recorded.path("options");
    SourceFile file =
        new SourceFile("Dockerfile", "Dockerfile", ByteString.copyFromUtf8(text), Optional.empty());
    return new ConversionRequest(
        text,
        config(options),
        Optional.of(Platform.LINUX_AMD64),
        List.of(Platform.LINUX_AMD64),
        Capabilities.ALL,
        Optional.of(file),
        new Linter(LintOptions.DEFAULT, warnings::add),
        false,
        false,
        () -> groupId(recorded));
  }

  /// The one random thing of a definition.
  private static String groupId(JsonNode recorded) {
    for (JsonNode op : recorded.path("ops")) {
      String id = op.path("metadata").path("progressGroup").path("id").asString("");
      if (!id.isEmpty()) {
        return id;
      }
    }
    throw new AssertionError("the recording has no group");
  }

  private static BuildConfig config(JsonNode options) {
    List<ExecNode.Host> hosts = new ArrayList<>();
    options
        .path("ExtraHosts")
        .forEach(
            host ->
                hosts.add(
                    new ExecNode.Host(host.path("Host").asString(), host.path("IP").asString())));
    List<ExecNode.Limit> limits = new ArrayList<>();
    options
        .path("Ulimits")
        .forEach(
            limit ->
                limits.add(
                    new ExecNode.Limit(
                        limit.path("Name").asString(),
                        limit.path("Soft").asLong(),
                        limit.path("Hard").asLong())));
    ExecNode.NetworkMode network =
        switch (options.path("NetworkMode").asInt(0)) {
          case 1 -> ExecNode.NetworkMode.HOST;
          case 2 -> ExecNode.NetworkMode.NONE;
          default -> ExecNode.NetworkMode.SANDBOX;
        };
    return new BuildConfig(
        map(options.path("BuildArgs")),
        options.path("Target").asString(""),
        map(options.path("Labels")),
        Optional.empty(),
        options.path("MultiPlatformRequested").asBoolean(false),
        BuildConfig.ResolveMode.DEFAULT,
        options.path("CacheIDNamespace").asString(""),
        options.path("CgroupParent").asString(""),
        options.path("Hostname").asString(""),
        hosts,
        options.path("ShmSize").asLong(0),
        limits,
        Optional.empty(),
        network);
  }

  private static SortedMap<String, String> map(JsonNode node) {
    SortedMap<String, String> map = new TreeMap<>();
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      map.put(entry.getKey(), entry.getValue().asString());
    }
    return map;
  }
}
