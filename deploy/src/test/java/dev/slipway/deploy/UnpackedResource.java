package dev.slipway.deploy;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/// Recordings that are kept as zip archives.
final class UnpackedResource {
  private UnpackedResource() {}

  /// @param resource absolute name of a zip archive of regular files
  /// @param into becomes a folder
  static void unpack(String resource, Path into) {
    try (InputStream bytes = UnpackedResource.class.getResourceAsStream(resource);
        ZipInputStream zip = new ZipInputStream(Optional.ofNullable(bytes).orElseThrow())) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        Path file = into.resolve(entry.getName());
        Files.createDirectories(file.getParent());
        Files.copy(zip, file);
        // Contexts are hashed with their modes, which must not depend on who runs this.
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        Files.setPosixFilePermissions(
            file.getParent(), PosixFilePermissions.fromString("rwxr-xr-x"));
      }
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }
}
