package dev.slipway.proxy;

import dev.slipway.oci.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/// Copies a body and hashes it on the way. Confined to its owner.
final class ContentCopy {
  private static final int BUFFER = 32 << 10;

  private final OutputStream out;
  private final boolean chunked;
  private final MessageDigest hash = Digest.newSha256();

  /// @param chunked whether the receiver is told each piece's length (RFC 9112, 7.1)
  ContentCopy(OutputStream out, boolean chunked) {
    this.out = out;
    this.chunked = chunked;
  }

  void all(InputStream in) throws IOException {
    byte[] buffer = new byte[BUFFER];
    for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
      hash.update(buffer, 0, count);
      if (chunked && count > 0) {
        mark(Integer.toHexString(count) + "\r\n");
      }
      out.write(buffer, 0, count);
      if (chunked && count > 0) {
        mark("\r\n");
      }
      out.flush();
    }
    if (chunked) {
      mark("0\r\n\r\n");
    }
  }

  private void mark(String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.US_ASCII));
  }

  /// Of all that was copied; to be asked once.
  Digest digest() {
    return Digest.ofSha256(hash);
  }
}
