package dev.slipway.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.task.TaskScope;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class SourcePaceTest {
  @Test
  void whoWaitsForTheSourceIsNotSilent() throws Exception {
    Pipe pipe = Pipe.open();
    try (SourcePace source = new SourcePace(pipe.source());
        TaskScope scope = TaskScope.open("reader")) {
      var reading = scope.fork(() -> source.read(ByteBuffer.allocate(10)));
      while (source.unwanted().isPositive()) {
        Thread.onSpinWait();
      }
      assertThat(source.unwanted()).isEqualTo(Duration.ZERO);
      pipe.sink().write(ByteBuffer.wrap(new byte[3]));

      assertThat(reading.result()).isEqualTo(3);
    } finally {
      pipe.sink().close();
    }
  }
}
