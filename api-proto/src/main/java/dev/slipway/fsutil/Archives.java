package dev.slipway.fsutil;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Tells archives by their first bytes: a client that offers a context as a stream and the frontend
/// that downloads it must agree on what is one.
public final class Archives {
  /// What a file is compressed by.
  public enum Compression {
    BZIP2(new byte[] {0x42, 0x5a, 0x68}),
    GZIP(new byte[] {0x1f, (byte) 0x8b, 0x08}),
    XZ(new byte[] {(byte) 0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00}),
    NONE(new byte[0]);

    private final byte[] magic;

    Compression(byte[] magic) {
      this.magic = magic;
    }

    private boolean begins(byte[] start) {
      return start.length >= magic.length
          && Arrays.equals(start, 0, magic.length, magic, 0, magic.length);
    }
  }

  /// How much of a file tells what it is.
  public static final int SAMPLE = 1024;

  private static final int TAR_BLOCK = 512;
  private static final int CHECKSUM = 148;
  private static final int CHECKSUM_LENGTH = 8;

  private Archives() {}

  /// @param start of the file, a whole tar header if there is one
  public static boolean isArchive(byte[] start) {
    return compression(start) != Compression.NONE
        || (start.length >= TAR_BLOCK && hasTarChecksum(start));
  }

  /// @param start the file's first bytes
  public static Compression compression(byte[] start) {
    return Arrays.stream(Compression.values())
        .filter(compression -> compression.begins(start))
        .findFirst()
        .orElse(Compression.NONE);
  }

  /// The sum of a tar header's bytes, its own field counted as blanks, stands in the header (POSIX
  /// `pax`, ustar).
  private static boolean hasTarChecksum(byte[] header) {
    int sum = CHECKSUM_LENGTH * ' ';
    for (int i = 0; i < TAR_BLOCK; i++) {
      if (i < CHECKSUM || i >= CHECKSUM + CHECKSUM_LENGTH) {
        sum += header[i] & 0xff;
      }
    }
    String field =
        new String(header, CHECKSUM, CHECKSUM_LENGTH, StandardCharsets.US_ASCII)
            .replace('\0', ' ')
            .trim();
    return field.matches("[0-7]{1,7}") && Integer.parseInt(field, 8) == sum;
  }
}
