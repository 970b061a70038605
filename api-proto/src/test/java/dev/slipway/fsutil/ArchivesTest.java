package dev.slipway.fsutil;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.fsutil.Archives.Compression;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

final class ArchivesTest {
  @Test
  void compressedFilesAreTakenForArchives() {
    assertThat(Archives.compression(HexFormat.of().parseHex("425a683931")))
        .isEqualTo(Compression.BZIP2);
    assertThat(Archives.compression(HexFormat.of().parseHex("1f8b0800")))
        .isEqualTo(Compression.GZIP);
    assertThat(Archives.compression(HexFormat.of().parseHex("fd377a585a0000")))
        .isEqualTo(Compression.XZ);
    assertThat(Archives.isArchive(HexFormat.of().parseHex("1f8b08"))).isTrue();
    assertThat(Archives.isArchive(HexFormat.of().parseHex("1f8b"))).isFalse();
  }

  @Test
  void aTarIsKnownByTheSumOfItsHeaderAlone() {
    byte[] header = new byte[512];
    header[0] = 'f';
    put(header, 148, "%06o\0 ".formatted('f' + 8 * ' '));

    assertThat(Archives.isArchive(header)).isTrue();
    assertThat(Archives.isArchive(Arrays.copyOf(header, 511))).isFalse();
    header[1] = 'g';
    assertThat(Archives.isArchive(header)).isFalse();
  }

  @Test
  void textIsNoArchive() {
    byte[] text = new byte[Archives.SAMPLE];
    put(text, 0, "FROM busybox\n".repeat(60));
    put(text, 257, "ustar");

    assertThat(Archives.isArchive(text)).isFalse();
    assertThat(Archives.isArchive(new byte[Archives.SAMPLE])).isFalse();
    assertThat(Archives.isArchive(new byte[0])).isFalse();
  }

  private static void put(byte[] bytes, int offset, String text) {
    byte[] put = text.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(put, 0, bytes, offset, put.length);
  }
}
