package dev.slipway.provenance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

final class FrontendCallTest {
  @Test
  void hidesCredentialsInTheAddressOfTheRepository() {
    FrontendCall call =
        new FrontendCall("f", Map.of("vcs:source", "https://user:pass@example.com/a.git"));

    assertThat(call.options()).containsEntry("vcs:source", "https://xxxxx:xxxxx@example.com/a.git");
  }

  @Test
  void leavesOutAnInputWhoseStoryIsTooLong() {
    Producer big = maker(new FrontendCall("f", Map.of("a", "x".repeat(3 << 20))));

    FrontendCall call = new FrontendCall("f", Map.of(), Map.of("one", big, "two", big));

    assertThat(call.inputs()).containsOnlyKeys("one");
  }

  @Test
  void staysBoundedWhenEachRequestIsGivenTheLastOneTwice() {
    FrontendCall call = new FrontendCall("f", Map.of());
    for (int i = 0; i < 100; i++) {
      call = new FrontendCall("f", Map.of(), Map.of("a", maker(call), "b", maker(call)));
    }

    assertThat(requests(call)).isBetween(1_000L, 100_000L);
  }

  @Test
  void leavesOutAnInputWithTooManyRequestsBehindIt() {
    FrontendCall call = new FrontendCall("f", Map.of());
    for (int i = 1; i < 64; i++) {
      call = new FrontendCall("f", Map.of(), Map.of("a", maker(call)));
    }

    assertThat(requests(call)).isEqualTo(64);
    assertThat(new FrontendCall("f", Map.of(), Map.of("a", maker(call))).inputs()).isEmpty();
  }

  private static Producer maker(FrontendCall call) {
    return new Producer(call, Map.of());
  }

  private static long requests(FrontendCall call) {
    return 1 + call.inputs().values().stream().mapToLong(input -> requests(input.call())).sum();
  }
}
