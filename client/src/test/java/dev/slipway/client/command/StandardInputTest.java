package dev.slipway.client.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class StandardInputTest {
  @TempDir Path folder;

  @Test
  void everythingIsReadToTheEnd() throws IOException {
    byte[] bytes = "all of it\n".repeat(30_000).getBytes(StandardCharsets.UTF_8);
    Path file = Files.write(folder.resolve("file"), bytes);

    try (InputStream input = new StandardInput(FileChannel.open(file))) {
      assertThat(input.read()).isEqualTo('a');
      assertThat(input.readAllBytes()).hasSize(bytes.length - 1);
      assertThat(input.read()).isEqualTo(-1);
    }
  }

  /// Both ends of the pipe are open, and nothing comes any more.
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void interruptionEndsAReadOfWhatNeverComes(boolean virtual) throws Exception {
    Path pipe = folder.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    CountDownLatch begun = new CountDownLatch(1);
    AtomicReference<Throwable> end = new AtomicReference<>();
    try (FileChannel channel =
            FileChannel.open(pipe, StandardOpenOption.READ, StandardOpenOption.WRITE);
        InputStream input = new StandardInput(channel)) {
      channel.write(ByteBuffer.wrap(new byte[] {1}));
      Thread reader =
          (virtual ? Thread.ofVirtual() : Thread.ofPlatform())
              .start(
                  () -> {
                    try {
                      input.read();
                      begun.countDown();
                      input.read();
                    } catch (IOException failure) {
                      end.set(failure);
                    }
                  });
      begun.await();

      reader.interrupt();
      reader.join();
    }

    assertThat(end.get()).isInstanceOf(InterruptedIOException.class);
  }
}
