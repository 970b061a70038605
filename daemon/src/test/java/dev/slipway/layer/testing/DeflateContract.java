package dev.slipway.layer.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.kernel.Deflate;
import dev.slipway.task.TaskScope;
import dev.slipway.task.TaskScope.Forked;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What every library that compresses layers must do.
public abstract class DeflateContract {
  /// Any number of them stand for one library.
  protected abstract Deflate open();

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9})
  void whatIsDeflatedInflatesToTheSame(int level) throws DataFormatException {
    for (int length : new int[] {0, 1, 100, 65_537, 1_300_000}) {
      byte[] bytes = mixed(length);

      byte[] deflated = open().deflate(bytes, length, level);

      assertThat(inflated(deflated, length)).isEqualTo(bytes);
    }
  }

  @Test
  void onlyAsManyBytesAsAskedForAreTaken() throws DataFormatException {
    byte[] bytes = mixed(5000);

    byte[] deflated = open().deflate(bytes, 1234, 6);

    assertThat(inflated(deflated, 1234)).isEqualTo(Arrays.copyOf(bytes, 1234));
    assertThat(deflated).isEqualTo(open().deflate(Arrays.copyOf(bytes, 1234), 1234, 6));
  }

  @Test
  void aHigherLevelIsSmaller() {
    byte[] bytes = mixed(1 << 20);

    int stored = open().deflate(bytes, bytes.length, 0).length;
    int fast = open().deflate(bytes, bytes.length, 1).length;
    int small = open().deflate(bytes, bytes.length, 9).length;

    assertThat(stored).isGreaterThanOrEqualTo(bytes.length);
    assertThat(fast).isLessThan(stored);
    assertThat(small).isLessThan(fast);
  }

  @Test
  void whatCannotBeCompressedHardlyGrows() {
    byte[] noise = new byte[1 << 20];
    new Random(3).nextBytes(noise);

    assertThat(open().deflate(noise, noise.length, 6).length).isLessThan(noise.length + 2000);
  }

  @Test
  void severalAtOnceMakeTheBytesThatOneMakes() {
    byte[] bytes = mixed(400_000);
    byte[] alone = open().deflate(bytes, bytes.length, 6);

    List<Forked<byte[]>> together = new ArrayList<>();
    try (TaskScope scope = TaskScope.open("deflate")) {
      for (int i = 0; i < 8; i++) {
        together.add(scope.fork(() -> open().deflate(bytes, bytes.length, 6)));
      }
      scope.join();
    }

    assertThat(together).allSatisfy(one -> assertThat(one.result()).isEqualTo(alone));
  }

  @Test
  void itHasAName() {
    assertThat(open().name()).isNotBlank();
  }

  private static byte[] inflated(byte[] deflated, int length) throws DataFormatException {
    Inflater inflater = new Inflater(true);
    try {
      inflater.setInput(deflated);
      byte[] room = new byte[length + 1];
      int count = inflater.inflate(room);
      assertThat(inflater.finished()).isTrue();
      assertThat(inflater.getRemaining()).isZero();
      return Arrays.copyOf(room, count);
    } finally {
      inflater.end();
    }
  }

  /// Words, the same ones over and over but in no order, and some noise.
  private static byte[] mixed(int length) {
    Random random = new Random(7);
    byte[] words = new byte[4096];
    random.nextBytes(words);
    byte[] bytes = new byte[length];
    for (int at = 0; at < length; ) {
      int count = Math.min(8 + random.nextInt(40), length - at);
      System.arraycopy(words, random.nextInt(words.length - 48), bytes, at, count);
      at += count;
      if (at < length) {
        bytes[at++] = (byte) random.nextInt();
      }
    }
    return bytes;
  }
}
