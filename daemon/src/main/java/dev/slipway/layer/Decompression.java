package dev.slipway.layer;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import dev.slipway.failure.CorruptData;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;

/// Tells a blob's compression by its first bytes, as containerd does: what a media type claims is
/// often wrong.
public final class Decompression {
  private static final int MAGIC = 4;

  private Decompression() {}

  /// The blob's uncompressed bytes. Bytes that are not of the compression they start like fail with
  /// [CorruptData] when read.
  ///
  /// @param blob closed with the result
  public static InputStream open(InputStream blob) throws IOException {
    PushbackInputStream in = new PushbackInputStream(blob, MAGIC);
    byte[] start = new byte[MAGIC];
    int count = in.readNBytes(start, 0, MAGIC);
    in.unread(start, 0, count);
    if (count >= 3 && start[0] == 0x1f && start[1] == (byte) 0x8b && start[2] == 8) {
      return new GunzipStream(in);
    }
    if (count == MAGIC && isZstd(start)) {
      return new CheckedZstd(new ZstdInputStreamNoFinalizer(in));
    }
    return in;
  }

  private static boolean isZstd(byte[] start) {
    boolean frame =
        start[0] == 0x28 && start[1] == (byte) 0xb5 && start[2] == 0x2f && start[3] == (byte) 0xfd;
    boolean skippable =
        (start[0] & 0xf0) == 0x50 && start[1] == 0x2a && start[2] == 0x4d && start[3] == 0x18;
    return frame || skippable;
  }

  /// Names bad bytes as what they are.
  private static final class CheckedZstd extends InputStream {
    private final ZstdInputStreamNoFinalizer in;

    private CheckedZstd(ZstdInputStreamNoFinalizer in) {
      this.in = in;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      try {
        return in.read(buffer, offset, length);
      } catch (com.github.luben.zstd.ZstdIOException bad) {
        throw new CorruptData("invalid zstd data: " + bad.getMessage(), bad);
      }
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }
}
