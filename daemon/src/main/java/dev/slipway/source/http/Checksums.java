package dev.slipway.source.http;

import dev.slipway.failure.WrongState;
import dev.slipway.frontend.ResolvedSource;
import dev.slipway.frontend.SourceQuery.ChecksumQuery;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// Checksums of a download that somebody asks for in particular.
final class Checksums {
  private static final int BUFFER = 256 * 1024;

  private Checksums() {}

  static ResolvedSource.Checksum of(Path file, ChecksumQuery asked) {
    String name =
        switch (asked.algorithm()) {
          case SHA256 -> "SHA-256";
          case SHA384 -> "SHA-384";
          case SHA512 -> "SHA-512";
        };
    try (InputStream in = Files.newInputStream(file)) {
      MessageDigest hash = MessageDigest.getInstance(name);
      byte[] buffer = new byte[BUFFER];
      for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
        hash.update(buffer, 0, length);
      }
      hash.update(asked.suffix());
      String digest =
          name.toLowerCase(java.util.Locale.ROOT).replace("-", "")
              + ":"
              + HexFormat.of().formatHex(hash.digest());
      return new ResolvedSource.Checksum(digest, asked.suffix());
    } catch (IOException failed) {
      throw new WrongState("cannot read " + file + ": " + failed.getMessage(), failed);
    } catch (NoSuchAlgorithmException absent) {
      throw new IllegalStateException("every Java has " + name, absent);
    }
  }
}
