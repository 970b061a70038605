package dev.slipway.layer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.layer.LayerCompression.Kind;
import dev.slipway.oci.Digest;
import dev.slipway.task.TaskScope;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LayerCompressorTest {
  /// Levels with other sizes of jobs, windows and blocks.
  @ParameterizedTest
  @CsvSource({
    "GZIP,",
    "GZIP,1",
    "GZIP,9",
    "ZSTD,",
    "ZSTD,1",
    "ZSTD,9",
    "ESTARGZ,",
    "UNCOMPRESSED,"
  })
  void theBytesAreTheSameWhateverTheNumberOfThreads(Kind kind, Integer level) throws IOException {
    LayerCompression compression =
        new LayerCompression(kind, Optional.ofNullable(level), false, true);
    byte[] archive = archive();

    Digest one = compressed(compression, archive, 1);

    assertThat(compressed(compression, archive, 2)).isEqualTo(one);
    assertThat(compressed(compression, archive, 4)).isEqualTo(one);
  }

  private static Digest compressed(LayerCompression compression, byte[] archive, int threads)
      throws IOException {
    ByteArrayOutputStream compressed = new ByteArrayOutputStream();
    try (TaskScope scope = TaskScope.open("compress");
        OutputStream out = LayerCompressor.open(compression, compressed, threads, scope)) {
      // In pieces as odd as they come.
      for (int at = 0; at < archive.length; at += 77_777) {
        out.write(archive, at, Math.min(77_777, archive.length - at));
      }
      out.close();
      return Digest.ofBytes(compressed.toByteArray());
    }
  }

  /// Several files, together larger than what is compressed by itself at any level tried here.
  private static byte[] archive() throws IOException {
    Random random = new Random(11);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
      for (int file = 0; file < 5; file++) {
        byte[] content = new byte[3_300_000];
        random.nextBytes(content);
        Arrays.fill(content, 200_000 * file, 200_000 * file + 2_000_000, (byte) file);
        TarArchiveEntry entry = new TarArchiveEntry("file-" + file);
        entry.setSize(content.length);
        tar.putArchiveEntry(entry);
        tar.write(content);
        tar.closeArchiveEntry();
      }
    }
    return bytes.toByteArray();
  }
}
