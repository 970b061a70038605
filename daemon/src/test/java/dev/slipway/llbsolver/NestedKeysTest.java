package dev.slipway.llbsolver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.llbsolver.NestedKeys.Collecting;
import dev.slipway.solver.CacheKey;
import dev.slipway.solver.JobId;
import java.util.List;
import org.junit.jupiter.api.Test;

final class NestedKeysTest {
  private static final JobId ONE = new JobId("one");
  private static final JobId OTHER = new JobId("other");
  private static final List<CacheKey> KEYS = List.of();

  private final NestedKeys nested = new NestedKeys();

  @Test
  void everyJobThatWantedAResultHasItsKeysUntilItEnds() {
    try (Collecting _ = nested.collect(ONE)) {
      try (Collecting _ = nested.collect(OTHER)) {
        nested.add(List.of(ONE, OTHER), KEYS);
        nested.add(List.of(ONE), KEYS);

        assertThat(nested.of(ONE)).hasSize(2);
        assertThat(nested.of(OTHER)).hasSize(1);
      }
      assertThat(nested.of(OTHER)).isEmpty();
    }
    assertThat(nested.of(ONE)).isEmpty();
  }

  @Test
  void whoDoesNotCollectIsGivenNothing() {
    nested.add(List.of(ONE), KEYS);

    assertThat(nested.of(ONE)).isEmpty();
  }
}
