package dev.slipway.frontend.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.slipway.api.ops.Definition;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Fact;
import dev.slipway.failure.Fact.AtSource;
import dev.slipway.failure.Fact.SourceRange;
import dev.slipway.frontend.Frontend;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Requests the reference refused: the same words, the same lines, the same file.
class RecordedErrorsTest {
  private static final Pattern SESSION = Pattern.compile("local\\.session\\x12\\x19(\\w{25})");

  static Stream<String> recordings() {
    return new String(ScriptedBridge.resource("errors/names.txt"), StandardCharsets.UTF_8).lines();
  }

  @ParameterizedTest
  @MethodSource("recordings")
  void failsAsRecorded(String name) throws InvalidProtocolBufferException {
    JsonNode recorded =
        JsonMapper.shared().readTree(ScriptedBridge.resource("errors/" + name + ".json"));
    ScriptedBridge bridge = new ScriptedBridge(session(recorded));
    Map<String, String> files = map(recorded.path("request").path("files"));
    bridge.withDirectory("dockerfile", files).withDirectory("context", files);
    Frontend.Request request =
        new Frontend.Request(map(recorded.path("request").path("frontendAttrs")), Map.of());
    DockerfileFrontend frontend = new DockerfileFrontend(SyntaxImages.PULLED);
    if (recorded.path("status").isNull()) {
      assertThatCode(() -> frontend.solve(request, bridge)).doesNotThrowAnyException();
      return;
    }

    BuildFailure failure =
        catchThrowableOfType(BuildFailure.class, () -> frontend.solve(request, bridge));

    assertThat(failure).hasMessage(recorded.path("status").path("message").asString());
    List<AtSource> sources = sources(failure);
    List<JsonNode> recordedSources = recordedSources(recorded);
    assertThat(sources).hasSameSizeAs(recordedSources);
    for (int i = 0; i < sources.size(); i++) {
      assertSame(sources.get(i), recordedSources.get(i));
    }
  }

  private static void assertSame(AtSource source, JsonNode recorded)
      throws InvalidProtocolBufferException {
    JsonNode info = recorded.path("info");
    assertThat(source.filename()).isEqualTo(info.path("filename").asString());
    assertThat(source.language()).isEqualTo(info.path("language").asString());
    assertThat(source.data()).isEqualTo(Base64.getDecoder().decode(info.path("data").asString("")));
    List<SourceRange> ranges = new ArrayList<>();
    for (JsonNode range : recorded.path("ranges")) {
      ranges.add(
          new SourceRange(
              range.path("start").path("line").asInt(0),
              0,
              range.path("end").path("line").asInt(0),
              0));
    }
    // A mount's stage has no place of its own there; here it is the RUN's.
    assertThat(source.ranges()).isEqualTo(ranges);
    Definition definition = Definition.parseFrom(source.definition());
    List<String> ops =
        definition.getDefList().stream()
            .map(op -> Base64.getEncoder().encodeToString(op.toByteArray()))
            .toList();
    List<String> recordedOps = new ArrayList<>();
    info.path("definition").path("def").forEach(op -> recordedOps.add(op.asString()));
    assertThat(ops).isEqualTo(recordedOps);
  }

  private static List<AtSource> sources(BuildFailure failure) {
    List<AtSource> sources = new ArrayList<>();
    for (Fact fact : failure.facts()) {
      if (fact instanceof AtSource source) {
        sources.add(source);
      }
    }
    return sources;
  }

  private static List<JsonNode> recordedSources(JsonNode recorded) {
    List<JsonNode> sources = new ArrayList<>();
    for (JsonNode detail : recorded.path("status").path("details")) {
      if (detail.path("typeUrl").asString().endsWith("errdefs.Source+json")) {
        sources.add(detail.path("json"));
      }
    }
    return sources;
  }

  /// The session the recording was made with stands in its definitions.
  private static String session(JsonNode recorded) {
    for (JsonNode source : recordedSources(recorded)) {
      byte[] op =
          Base64.getDecoder()
              .decode(source.path("info").path("definition").path("def").path(0).asString());
      Matcher matcher = SESSION.matcher(new String(op, StandardCharsets.ISO_8859_1));
      if (matcher.find()) {
        return matcher.group(1);
      }
    }
    return ScriptedBridge.SESSION;
  }

  private static Map<String, String> map(JsonNode node) {
    Map<String, String> map = new TreeMap<>();
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      map.put(entry.getKey(), entry.getValue().asString());
    }
    return map;
  }
}
