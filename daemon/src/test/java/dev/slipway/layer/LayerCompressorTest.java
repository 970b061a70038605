package dev.slipway.layer;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import dev.slipway.layer.LayerCompression.Kind;
import dev.slipway.layer.testing.UnprivilegedKernel;
import dev.slipway.oci.Digest;
import dev.slipway.task.TaskScope;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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

  /// Levels as Go counts them.
  @ParameterizedTest
  @CsvSource({"-1,6", "-2,1", ",6", "12,9"})
  void levelsThatGzipDoesNotHaveMeanOnesThatItHas(Integer asked, int meant) throws IOException {
    byte[] archive = archive();

    assertThat(compressed(gzip(Optional.ofNullable(asked)), archive, 2))
        .isEqualTo(compressed(gzip(Optional.of(meant)), archive, 2));
  }

  /// Nobody's level 3 is traded for speed.
  @Test
  void zstdIsQuickerThanItsUsualLevelOnlyForThoseWhoAskForNone() throws IOException {
    byte[] archive = archive();
    LayerCompression usual = new LayerCompression(Kind.ZSTD, Optional.of(3), false, true);
    LayerCompression unasked = new LayerCompression(Kind.ZSTD, Optional.empty(), false, true);
    ByteArrayOutputStream library = new ByteArrayOutputStream();
    try (ZstdOutputStreamNoFinalizer out = new ZstdOutputStreamNoFinalizer(library)) {
      out.setLevel(3);
      out.setWorkers(1);
      out.write(archive);
    }

    assertThat(compressed(usual, archive, 1)).isEqualTo(Digest.ofBytes(library.toByteArray()));
    assertThat(compressed(unasked, archive, 1)).isNotEqualTo(compressed(usual, archive, 1));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 5_000_000})
  void gzipIsReadByAnotherReader(int length) throws IOException {
    byte[] bytes = Arrays.copyOf(archive(), length);
    ByteArrayOutputStream compressed = new ByteArrayOutputStream();

    try (TaskScope scope = TaskScope.open("compress");
        OutputStream out =
            new LayerCompressor(new UnprivilegedKernel())
                .open(gzip(Optional.empty()), compressed, 2, scope)) {
      out.write(bytes);
    }

    try (GZIPInputStream in =
        new GZIPInputStream(new ByteArrayInputStream(compressed.toByteArray()))) {
      assertThat(in.readAllBytes()).isEqualTo(bytes);
    }
  }

  @Test
  void theLibrariesAreNamed() {
    assertThat(new LayerCompressor(new UnprivilegedKernel()).libraries())
        .hasEntrySatisfying("gzip", name -> assertThat(name).contains("zlib"))
        .hasEntrySatisfying("zstd", name -> assertThat(name).contains("libzstd"));
  }

  private static LayerCompression gzip(Optional<Integer> level) {
    return new LayerCompression(Kind.GZIP, level, false, true);
  }

  private static Digest compressed(LayerCompression compression, byte[] archive, int threads)
      throws IOException {
    ByteArrayOutputStream compressed = new ByteArrayOutputStream();
    try (TaskScope scope = TaskScope.open("compress");
        OutputStream out =
            new LayerCompressor(new UnprivilegedKernel())
                .open(compression, compressed, threads, scope)) {
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
