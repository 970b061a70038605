package dev.slipway.source.http;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/// A body that a server has compressed, as it was before. Looks at the header when first read, so
/// that opening never blocks. Confined to one thread.
final class UnpackedBody extends InputStream {
  private static final int BUFFER = 64 * 1024;

  private final URI uri;
  private final InputStream packed;
  private Optional<InputStream> plain = Optional.empty();

  UnpackedBody(URI uri, InputStream packed) {
    this.uri = uri;
    this.packed = packed;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    try {
      if (plain.isEmpty()) {
        plain = Optional.of(new GZIPInputStream(packed, BUFFER));
      }
      return plain.get().read(buffer, offset, length);
    } catch (ZipException damaged) {
      throw new IOException(
          "what " + uri + " sent as gzip is none: " + damaged.getMessage(), damaged);
    }
  }

  @Override
  public void close() throws IOException {
    packed.close();
  }
}
