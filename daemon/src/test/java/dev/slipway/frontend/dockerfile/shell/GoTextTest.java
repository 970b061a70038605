package dev.slipway.frontend.dockerfile.shell;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class GoTextTest {

  @Test
  void quotesAsHistoryLinesAreQuoted() {
    assertThat(GoText.quote("a\"b\\c\n\té\u0001\u200b\u007f"))
        .isEqualTo("\"a\\\"b\\\\c\\n\\té\\x01\\u200b\\x7f\"");
  }

  @Test
  void printsListsInBothForms() {
    assertThat(GoText.quote(List.of("a b", "c"))).isEqualTo("[\"a b\" \"c\"]");
    assertThat(GoText.list(List.of("a b", "c"))).isEqualTo("[a b c]");
  }
}
