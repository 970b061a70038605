package dev.slipway.client.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.failure.InvalidRequest;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AnnotationsTest {
  @Test
  void anAnnotationIsOnManifestsOrWhereItsLevelsSay() {
    assertThat(Annotations.parse("org.example.k=a=b"))
        .isEqualTo(Map.of("annotation.org.example.k", "a=b"));
    assertThat(Annotations.parse("index,manifest-descriptor[linux/arm64/v8]:k="))
        .isEqualTo(
            Map.of("annotation-index.k", "", "annotation-manifest-descriptor[linux/arm64].k", ""));
    assertThat(Annotations.parse("manifest:k=http://v"))
        .isEqualTo(Map.of("annotation-manifest.k", "http://v"));
  }

  @Test
  void refusesWhatIsNoAnnotation() {
    assertThatThrownBy(() -> Annotations.parse("k"))
        .isInstanceOf(InvalidRequest.class)
        .hasMessage("invalid annotation \"k\", expected key=value");
    assertThatThrownBy(() -> Annotations.parse("layer:k=v"))
        .isInstanceOf(InvalidRequest.class)
        .hasMessage("unknown annotation type \"layer\"");
    assertThatThrownBy(() -> Annotations.parse("Index!:k=v"))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining("invalid annotation type \"Index!\"");
  }
}
