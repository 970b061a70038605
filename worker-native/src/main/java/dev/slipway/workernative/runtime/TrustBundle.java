package dev.slipway.workernative.runtime;

import dev.slipway.failure.WrongState;
import dev.slipway.kernel.FileAttributes;
import dev.slipway.kernel.Kernel;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/// The file of certificate authorities that programs in a tree trust, with one more in it for a
/// while (BuildKit v0.32.2, `executor/proxyca_linux.go`).
///
/// What the container does to the file meanwhile stays: only the added part is taken out again, and
/// a file that is as before has its old time too. Confined to the container's thread.
final class TrustBundle {
  private static final List<String> PLACES =
      List.of(
          "/etc/ssl/certs/ca-certificates.crt",
          "/etc/pki/tls/certs/ca-bundle.crt",
          "/etc/ssl/ca-bundle.pem",
          "/etc/pki/tls/cacert.pem",
          "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
          "/etc/ssl/cert.pem");
  private static final String BEGIN = "\n# buildkit proxy CA begin\n";
  private static final String END = "# buildkit proxy CA end\n";
  private static final int MOST_BYTES = 10 << 20;

  private final Kernel kernel;
  private final Path rootfs;
  private final String place;
  private final String added;
  private final String before;
  private final long modifiedNanos;

  private TrustBundle(
      Kernel kernel, Path rootfs, String place, String added, String before, long modifiedNanos) {
    this.kernel = kernel;
    this.rootfs = rootfs;
    this.place = place;
    this.added = added;
    this.before = before;
    this.modifiedNanos = modifiedNanos;
  }

  /// Adds the certificate to the first bundle that the tree has; empty when it has none.
  ///
  /// @param certificate PEM
  static Optional<TrustBundle> extended(Kernel kernel, Path rootfs, String certificate) {
    for (String place : PLACES) {
      Path file = kernel.resolveInRoot(rootfs, place, Kernel.LastLink.FOLLOW);
      if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
        String before = read(file);
        String added = BEGIN + certificate + (certificate.endsWith("\n") ? "" : "\n") + END;
        long modified = kernel.attributes(file).modifiedNanos();
        replace(kernel, file, before + added);
        return Optional.of(new TrustBundle(kernel, rootfs, place, added, before, modified));
      }
    }
    return Optional.empty();
  }

  /// Takes the certificate out again.
  void restore() {
    Path file = kernel.resolveInRoot(rootfs, place, Kernel.LastLink.FOLLOW);
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    String now = read(file);
    String cleaned = now.replace(added, "");
    if (!cleaned.equals(now)) {
      replace(kernel, file, cleaned);
      if (cleaned.equals(before)) {
        kernel.setModifiedTime(file, modifiedNanos);
      }
    }
  }

  /// Bytes as characters of the same number, so that all come back as they were.
  private static String read(Path file) {
    try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
      byte[] bytes = in.readNBytes(MOST_BYTES + 1);
      if (bytes.length > MOST_BYTES) {
        throw new WrongState(file + " exceeds " + MOST_BYTES + " bytes");
      }
      return new String(bytes, StandardCharsets.ISO_8859_1);
    } catch (IOException failed) {
      throw new WrongState("cannot read " + file + ": " + failed.getMessage(), failed);
    }
  }

  /// By a new file, since the old one may have other names.
  private static void replace(Kernel kernel, Path file, String text) {
    FileAttributes attributes = kernel.attributes(file);
    try {
      Path fresh =
          Files.createTempFile(Objects.requireNonNull(file.getParent()), ".slipway-ca-", "");
      try {
        Files.writeString(fresh, text, StandardCharsets.ISO_8859_1);
        kernel.setOwner(fresh, attributes.uid(), attributes.gid());
        kernel.setMode(fresh, attributes.mode());
        kernel
            .extendedAttributes(file)
            .forEach((name, value) -> kernel.setExtendedAttribute(fresh, name, value));
        Files.move(
            fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(fresh);
      }
    } catch (IOException failed) {
      throw new WrongState("cannot write " + file + ": " + failed.getMessage(), failed);
    }
  }
}
