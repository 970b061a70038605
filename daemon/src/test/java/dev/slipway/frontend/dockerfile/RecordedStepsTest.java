package dev.slipway.frontend.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.frontend.Frontend;
import dev.slipway.llb.Definition;
import dev.slipway.llb.Input;
import dev.slipway.llb.OpVertex;
import dev.slipway.llb.SourceOp;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Builds watched at the reference: people see the same steps under the same names, and whatever
/// does not depend on a session has the same digest.
class RecordedStepsTest {

  static Stream<JsonNode> recordings() {
    return JsonMapper.shared().readTree(ScriptedBridge.resource("steps.json")).valueStream();
  }

  @ParameterizedTest
  @MethodSource("recordings")
  void showsTheRecordedSteps(JsonNode recorded) {
    Map<String, String> files = map(recorded.path("files"));
    ScriptedBridge bridge =
        new ScriptedBridge().withDirectory("dockerfile", files).withDirectory("context", files);

    new DockerfileFrontend(SyntaxImages.PULLED)
        .solve(new Frontend.Request(map(recorded.path("attrs")), Map.of()), bridge);

    Set<String> names = new TreeSet<>(bridge.logNames());
    Set<String> digests = new HashSet<>();
    for (Definition definition : bridge.solved()) {
      names.addAll(bridge.names(definition));
      for (OpVertex vertex : definition.vertices().values()) {
        if (!dependsOnSession(definition, vertex)) {
          digests.add(vertex.digest().toString());
        }
      }
    }
    Set<String> recordedNames = new TreeSet<>();
    Set<String> recordedDigests = new HashSet<>();
    for (JsonNode vertex : recorded.path("vertexes")) {
      recordedNames.add(vertex.path("name").asString());
      recordedDigests.add(vertex.path("digest").asString());
    }
    // The base image of a second stage is the same vertex, shown under its first name.
    names.removeIf(name -> name.matches("\\[stage-1 1/4] FROM .*"));
    assertThat(names).containsExactlyElementsOf(recordedNames);
    assertThat(recordedDigests).containsAll(digests);
    assertThat(bridge.warnings())
        .containsExactlyElementsOf(
            recorded.path("warnings").valueStream().map(JsonNode::asString).toList());
  }

  private static boolean dependsOnSession(Definition definition, OpVertex vertex) {
    if (vertex.op() instanceof SourceOp source && source.scheme().equals("local")) {
      return true;
    }
    for (Input input : vertex.inputs()) {
      if (dependsOnSession(definition, definition.requireVertex(input.vertex()))) {
        return true;
      }
    }
    return false;
  }

  private static Map<String, String> map(JsonNode node) {
    Map<String, String> map = new TreeMap<>();
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      map.put(entry.getKey(), entry.getValue().asString());
    }
    return map;
  }
}
