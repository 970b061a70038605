package dev.slipway.llbsolver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.provenance.FrontendCall;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class RequestTraceTest {
  private static final FrontendCall CLIENT = new FrontendCall("", Map.of("asked", "1"));
  private static final FrontendCall OUTER = new FrontendCall("dockerfile.v0", Map.of("a", "1"));
  private static final FrontendCall INNER = new FrontendCall("gateway.v0", Map.of("b", "1"));

  @Test
  void beginsWithWhatAClientAskedThatDrivesTheBuild() {
    RequestTrace outer = RequestTrace.ofClient(Optional.of(CLIENT)).child(OUTER);

    assertThat(outer.root()).contains(CLIENT);
    assertThat(outer.child(INNER).root()).contains(CLIENT);
  }

  @Test
  void beginsWithTheFirstFrontendWhereTheClientAskedNothingElse() {
    RequestTrace outer = RequestTrace.ofClient(Optional.empty()).child(OUTER);

    assertThat(outer.root()).isEmpty();
    assertThat(outer.child(INNER).root()).contains(OUTER);
    assertThat(outer.child(INNER).child(CLIENT).root()).contains(OUTER);
  }
}
