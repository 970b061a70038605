package dev.slipway.attestation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.failure.InvalidRequest;
import dev.slipway.oci.Digest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

final class StatementTest {
  private static final Digest DIGEST =
      Digest.parse("sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");

  @Test
  void isAboutTheResultWhenItNamesNoSubject() {
    assertThat(text(attestation("{ \"a\" : 1 }", List.of())))
        .isEqualTo(
            "{\"_type\":\"https://in-toto.io/Statement/v1\",\"predicateType\":\"https://example.com\","
                + "\"subject\":[{\"name\":\"self\",\"digest\":{\"sha256\":\"44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a\"}}],"
                + "\"predicate\":{\"a\":1}}");
  }

  @Test
  void namesTheResultAndOthers() {
    Statement statement =
        Statement.of(
            attestation(
                "{}", List.of(new Subject.Self("also"), new Subject.Raw("", List.of(DIGEST)))),
            List.of(new Subject.Raw("self", List.of(DIGEST))));

    assertThat(statement.subjects())
        .extracting(Subject.Raw::name)
        .containsExactly("self", "also", "_");
  }

  @Test
  void takesAnEmptyPredicateForNone() {
    assertThat(text(attestation("", List.of()))).endsWith("\"predicate\":null}");
  }

  @Test
  void refusesAPredicateThatIsNoJson() {
    assertThatThrownBy(() -> text(attestation("{", List.of())))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining("attestation a.json");
  }

  private static String text(Attestation attestation) {
    Statement statement =
        Statement.of(attestation, List.of(new Subject.Raw("self", List.of(DIGEST))));
    return new String(statement.compact(), StandardCharsets.UTF_8);
  }

  private static Attestation attestation(String predicate, List<Subject> subjects) {
    return new Attestation(
        "a.json",
        "https://example.com",
        false,
        () -> predicate.getBytes(StandardCharsets.UTF_8),
        subjects);
  }
}
