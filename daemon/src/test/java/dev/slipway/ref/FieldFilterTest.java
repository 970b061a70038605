package dev.slipway.ref;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.failure.InvalidRequest;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class FieldFilterTest {
  private static final Map<String, String> FIELDS =
      Map.of(
          "id",
          "abc123",
          "inuse",
          "",
          "labels.org.example/name",
          "x,y",
          "description",
          "pulled from \"there\"");

  private static boolean matches(String expression) {
    return FieldFilter.parse(expression)
        .matches(path -> Optional.ofNullable(FIELDS.get(String.join(".", path))));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "id",
        "inuse",
        "id==abc123",
        "id!=other",
        "absent!=other",
        "id~=^abc",
        "id~=c1",
        "id~=/^a.*3$/",
        "id~=|c1|",
        "id==\"abc123\"",
        "labels.\"org.example/name\"==\"x,y\"",
        "description==\"pulled from \\\"there\\\"\"",
        "id==abc123,inuse",
        "absent~=^$"
      })
  void matching(String expression) {
    assertThat(matches(expression)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"absent", "id==abc", "id!=abc123", "id~=^b", "id==abc123,absent", "absent==x"})
  void notMatching(String expression) {
    assertThat(matches(expression)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "id=abc",
        "id==",
        "==x",
        ",",
        "id,",
        "id~=[",
        "id==\"open",
        "id<5",
        "id.",
        "id==a,,id"
      })
  void malformedIsRefused(String expression) {
    assertThatThrownBy(() -> FieldFilter.parse(expression))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining("filter");
  }

  @Test
  void endlessExpressionIsRefused() {
    assertThatThrownBy(() -> FieldFilter.parse("id==" + "x".repeat(10_000)))
        .isInstanceOf(InvalidRequest.class);
  }
}
