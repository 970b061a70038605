package dev.slipway.op;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.oci.Digest;
import dev.slipway.usage.StepSample;
import dev.slipway.usage.StepUsage;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class PinsTest {
  @Test
  void forgetsWhatStepsUsedWhenThatIsTooMuch() {
    Pins pins = new Pins();
    for (int step = 0; step < 1000; step++) {
      pins.note(digest(step), usage(10));
    }

    assertThat(pins.usage(digest(0))).isEmpty();
    assertThat(pins.usage(digest(1000 - 819 - 1))).isEmpty();
    assertThat(pins.usage(digest(1000 - 819))).contains(usage(10));
    assertThat(pins.usage(digest(999))).contains(usage(10));
  }

  @Test
  void aStepThatRunsAgainCountsOnce() {
    Pins pins = new Pins();
    pins.note(digest(0), usage(1));
    for (int run = 0; run < 10_000; run++) {
      pins.note(digest(1), usage(9));
    }

    assertThat(pins.usage(digest(0))).contains(usage(1));
    assertThat(pins.usage(digest(1))).contains(usage(9));
  }

  private static StepUsage usage(int samples) {
    return new StepUsage(
        Collections.nCopies(samples, new StepSample(Instant.EPOCH, Map.of())), Optional.empty());
  }

  private static Digest digest(int step) {
    return Digest.ofBytes(Integer.toString(step).getBytes(StandardCharsets.UTF_8));
  }
}
