package dev.slipway.progress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.oci.Digest;
import dev.slipway.progress.ProgressEvent.StatusChanged;
import dev.slipway.task.Clock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class VertexProgressTest {
  private final SetClock clock = new SetClock();
  private final List<StatusChanged> shown = new ArrayList<>();
  private final VertexProgress progress =
      new VertexProgress(
          Digest.ofBytes("step".getBytes(StandardCharsets.UTF_8)),
          event -> shown.add((StatusChanged) event),
          clock);

  @Test
  void tellingOfEveryPieceShowsTenASecondAndTheLast() {
    try (VertexProgress.Item item = progress.start("pushing")) {
      for (int kilobytes = 1; kilobytes <= 5_000; kilobytes++) {
        clock.now = clock.now.plusMillis(1);
        item.update(kilobytes, 5_000);
      }
    }

    assertThat(shown).hasSizeBetween(50, 53);
    assertThat(shown.get(1).current()).as("the first piece").isEqualTo(1);
    assertThat(shown.getLast().current()).isEqualTo(5_000);
    assertThat(shown.getLast().completed()).contains(clock.now);
  }

  private static final class SetClock implements Clock {
    private Instant now = Instant.ofEpochSecond(1_700_000_000L);

    @Override
    public Instant now() {
      return now;
    }

    @Override
    public void sleep(Duration duration) {
      now = now.plus(duration);
    }
  }
}
