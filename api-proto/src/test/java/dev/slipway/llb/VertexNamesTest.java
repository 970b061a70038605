package dev.slipway.llb;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class VertexNamesTest {
  @Test
  void namesVerticesAsPeopleKnowThem() {
    assertThat(headName("exec-args")).isEqualTo("/bin/sh -c true");
    assertThat(headName("file-chain"))
        .isEqualTo("mkdir /d, mkfile /d/a, copy /y /d/y, rm /d/a, symlink /d/l -> y");
    assertThat(headName("merge-two")).startsWith("merge (").contains(", ");
    assertThat(headName("diff-upper-scratch")).isEqualTo("diff (mkfile /one) -> scratch");
    assertThat(headName("passthrough-multi")).isEqualTo("passthrough p2");
    assertThat(headName("build-default")).isEqualTo("build");
    assertThat(headName("image-tag")).startsWith("docker-image://");
  }

  @Test
  void aCustomNameWins() {
    Definition definition = LlbDecoder.decode(GoldenDefinitions.encoded("meta-custom-name"));
    OpVertex head = definition.requireVertex(definition.head().orElseThrow().vertex());

    assertThat(headName("meta-custom-name"))
        .isEqualTo(head.metadata().customName().orElseThrow())
        .isNotEmpty();
  }

  private static String headName(String golden) {
    Definition definition = LlbDecoder.decode(GoldenDefinitions.encoded(golden));
    return VertexNames.of(definition).get(definition.head().orElseThrow().vertex());
  }
}
