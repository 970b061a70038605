package dev.slipway.frontend.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.failure.InvalidRequest;
import dev.slipway.frontend.Frontend;
import dev.slipway.frontend.GivenTrees.GivenTree;
import dev.slipway.llb.Definition;
import dev.slipway.llb.OpVertex;
import dev.slipway.llb.SourceOp;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NamedContextTreesTest {
  private final ScriptedBridge bridge = new ScriptedBridge();

  private Optional<GivenTree> find(Map<String, String> options) {
    return new NamedContextTrees()
        .find("example.org/fe:latest", new Frontend.Request(options, Map.of()), bridge);
  }

  private static String identifier(GivenTree tree) {
    return tree.definition().vertices().values().stream()
        .map(OpVertex::op)
        .filter(SourceOp.class::isInstance)
        .map(SourceOp.class::cast)
        .map(SourceOp::identifier)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void findsNothingUnderAnotherName() {
    assertThat(find(Map.of("context:example.org/other", "docker-image://busybox"))).isEmpty();
  }

  @Test
  void findsAnImageWithItsConfig() {
    GivenTree tree = find(Map.of("context:example.org/fe", "docker-image://busybox")).orElseThrow();

    assertThat(identifier(tree)).startsWith("docker-image://docker.io/library/busybox:latest");
    assertThat(tree.config()).isPresent();
  }

  @Test
  void findsALayoutOfTheClients() {
    String digest = "sha256:" + "3".repeat(64);
    bridge.withImage(
        "example.org/fe@" + digest, "{}".getBytes(java.nio.charset.StandardCharsets.UTF_8));

    GivenTree tree =
        find(Map.of("context:example.org/fe", "oci-layout://store@" + digest)).orElseThrow();

    assertThat(identifier(tree)).startsWith("oci-layout://");
  }

  @Test
  void findsAPlainTree() {
    GivenTree tree =
        find(Map.of("context:example.org/fe", "https://example.org/fe.tar")).orElseThrow();

    assertThat(identifier(tree)).isEqualTo("https://example.org/fe.tar");
    assertThat(tree.config()).isEmpty();
  }

  @Test
  void findsAnEmptyTree() {
    GivenTree tree = find(Map.of("context:example.org/fe", "docker-image://scratch")).orElseThrow();

    assertThat(tree.definition()).isEqualTo(Definition.SCRATCH);
  }

  @Test
  void refusesWhatMakesNoSense() {
    assertThatThrownBy(() -> find(Map.of("context:example.org/fe", "ftp://x")))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining("unsupported context source ftp");
  }
}
