package dev.slipway.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.failure.Exhausted;
import dev.slipway.kernel.Deflate;
import dev.slipway.task.TaskScope;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ParallelGzipTest {
  private static final int MEBIBYTE = 1 << 20;

  /// The buffers are what memory goes into: the same few, however long the layer is.
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void theBuffersDoNotBecomeMoreWithTheLayer(int threads) throws IOException {
    Set<byte[]> buffers =
        Collections.synchronizedSet(Collections.newSetFromMap(new IdentityHashMap<>()));
    AtomicInteger pieces = new AtomicInteger();
    Deflate watching =
        new Stored() {
          @Override
          public byte[] deflate(byte[] bytes, int length, int level) {
            buffers.add(bytes);
            pieces.incrementAndGet();
            return super.deflate(bytes, length, level);
          }
        };

    write(watching, threads, 100);

    assertThat(pieces).hasValue(100);
    assertThat(buffers).hasSizeLessThanOrEqualTo(2 * threads + 2);
  }

  @Test
  void whatGoesWrongInAPieceIsWhatTheWriterFailsWith() {
    Deflate broken =
        new Stored() {
          @Override
          public byte[] deflate(byte[] bytes, int length, int level) {
            throw new Exhausted("no memory to compress with");
          }
        };

    assertThatThrownBy(() -> write(broken, 2, 10))
        .isInstanceOf(Exhausted.class)
        .hasMessageContaining("no memory");
  }

  private static void write(Deflate deflate, int threads, int mebibytes) throws IOException {
    GzipForm form = GzipForm.of(deflate, Optional.empty());
    byte[] chunk = new byte[MEBIBYTE / 2];
    try (TaskScope scope = TaskScope.open("compress")) {
      ParallelGzip gzip = new ParallelGzip(OutputStream.nullOutputStream(), form, threads, scope);
      for (int i = 0; i < 2 * mebibytes; i++) {
        gzip.write(chunk);
      }
      gzip.close();
    }
  }

  /// Compresses into nothing: what comes out matters to nobody here.
  private static class Stored implements Deflate {
    @Override
    public String name() {
      return "stored";
    }

    @Override
    public byte[] deflate(byte[] bytes, int length, int level) {
      return new byte[] {3, 0};
    }
  }
}
