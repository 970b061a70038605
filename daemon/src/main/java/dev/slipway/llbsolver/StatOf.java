package dev.slipway.llbsolver;

import com.google.protobuf.ByteString;
import dev.slipway.failure.WrongState;
import dev.slipway.fsutil.FileMode;
import dev.slipway.fsutil.Stat;
import dev.slipway.kernel.FileAttributes;
import dev.slipway.kernel.Kernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/// Describes a file of a result as frontends see it.
final class StatOf {
  private StatOf() {}

  /// @param name what the description calls it
  static Stat entry(Kernel kernel, Path entry, String name) {
    FileAttributes attributes = kernel.attributes(entry);
    return new Stat(
        name,
        goMode(attributes),
        Integer.toUnsignedLong(attributes.uid()),
        Integer.toUnsignedLong(attributes.gid()),
        attributes.isFile() ? attributes.bytes() : 0,
        attributes.modifiedNanos(),
        attributes.isSymlink() ? linkTarget(entry) : "",
        attributes.rdevMajor(),
        attributes.rdevMinor(),
        Map.<String, ByteString>of());
  }

  private static String linkTarget(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException failure) {
      throw new WrongState("readlink " + link.getFileName() + ": " + failure.getMessage(), failure);
    }
  }

  private static int goMode(FileAttributes attributes) {
    int mode = attributes.mode() & 0777;
    mode |= (attributes.mode() & 04000) != 0 ? FileMode.SETUID : 0;
    mode |= (attributes.mode() & 02000) != 0 ? FileMode.SETGID : 0;
    mode |= (attributes.mode() & 01000) != 0 ? FileMode.STICKY : 0;
    return mode
        | switch (attributes.type()) {
          case FILE -> 0;
          case DIRECTORY -> FileMode.DIRECTORY;
          case SYMLINK -> FileMode.SYMLINK;
          case CHARACTER_DEVICE -> FileMode.DEVICE | FileMode.CHARACTER_DEVICE;
          case BLOCK_DEVICE -> FileMode.DEVICE;
          case NAMED_PIPE -> FileMode.NAMED_PIPE;
          case SOCKET -> FileMode.SOCKET;
        };
  }
}
