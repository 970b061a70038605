package dev.slipway.source.local;

import com.google.protobuf.ByteString;
import dev.slipway.failure.Denied;
import dev.slipway.failure.Exhausted;
import dev.slipway.failure.Unsupported;
import dev.slipway.failure.WrongState;
import dev.slipway.fsutil.FileMode;
import dev.slipway.fsutil.Stat;
import dev.slipway.kernel.FileAttributes;
import dev.slipway.kernel.Kernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Gives entries their owner, mode, extended attributes and time, with no more system calls than
/// the entry needs: what a new file has anyway is not set again. Immutable; thread-safe.
///
/// @param uid that new files get, this process's
/// @param gid that new files get, this process's
/// @param umask bits that new files do not get
record EntryAttributes(Kernel kernel, int uid, int gid, int umask) {
  private static final Logger LOG = LoggerFactory.getLogger(EntryAttributes.class);
  private static final String OVERLAY_ATTRIBUTES = "trusted.overlay.";

  /// Asks the kernel who this process is.
  static EntryAttributes ofThisProcess(Kernel kernel) {
    try {
      int uid = 0;
      int gid = 0;
      int umask = 0777;
      for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
        String[] words = line.split("\\s+");
        switch (words[0]) {
          case "Uid:" -> uid = Integer.parseInt(words[2]);
          case "Gid:" -> gid = Integer.parseInt(words[2]);
          case "Umask:" -> umask = Integer.parseInt(words[1], 8);
          default -> {
            continue;
          }
        }
      }
      return new EntryAttributes(kernel, uid, gid, umask);
    } catch (IOException failed) {
      throw WriteFailures.of(failed, Path.of("/proc/self/status"));
    }
  }

  /// What kind of entry the protocol's mode bits say.
  static FileAttributes.Type type(Stat stat) {
    int mode = stat.mode();
    if (stat.isDirectory()) {
      return FileAttributes.Type.DIRECTORY;
    }
    if (stat.isSymlink()) {
      return FileAttributes.Type.SYMLINK;
    }
    if (stat.isDevice()) {
      return (mode & FileMode.CHARACTER_DEVICE) != 0
          ? FileAttributes.Type.CHARACTER_DEVICE
          : FileAttributes.Type.BLOCK_DEVICE;
    }
    if (stat.isNamedPipe()) {
      return FileAttributes.Type.NAMED_PIPE;
    }
    return stat.isRegular() ? FileAttributes.Type.FILE : FileAttributes.Type.SOCKET;
  }

  /// What to create a file or directory with.
  FileAttribute<Set<PosixFilePermission>> creation(Stat stat) {
    Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
    PosixFilePermission[] fromHighest = PosixFilePermission.values();
    for (int bit = 0; bit < fromHighest.length; bit++) {
      if ((stat.mode() & 0400 >> bit) != 0) {
        permissions.add(fromHighest[bit]);
      }
    }
    return PosixFilePermissions.asFileAttribute(permissions);
  }

  /// Completes an entry that was made with [#creation]; its time is not set.
  void complete(Path path, Stat stat) {
    boolean owned = stat.uid() == uid && stat.gid() == gid;
    if (!owned) {
      kernel.setOwner(path, (int) stat.uid(), (int) stat.gid());
    }
    int permissions = FileMode.posixPermissions(stat.mode());
    boolean moded = (permissions & umask) == 0 && (permissions & 07000) == 0;
    if (!owned || !moded) {
      kernel.setMode(path, permissions);
    }
    setExtended(path, stat);
  }

  /// Sets everything but the time of an entry that was there before.
  void replace(Path path, Stat stat) {
    kernel.setOwner(path, (int) stat.uid(), (int) stat.gid());
    kernel.setMode(path, FileMode.posixPermissions(stat.mode()));
    setExtended(path, stat);
  }

  /// Of links, which have no mode of their own.
  void completeLink(Path path, Stat stat) {
    if (stat.uid() != uid || stat.gid() != gid) {
      kernel.setOwner(path, (int) stat.uid(), (int) stat.gid());
    }
    kernel.setModifiedTime(path, stat.modifiedNanos());
  }

  /// What the file system here does not take is left out, as by BuildKit (fsutil,
  /// `rootdiskwriter_unix.go`): another machine's labels and ACLs say little here. What overlayfs
  /// keeps in such attributes is nobody's to send.
  private void setExtended(Path path, Stat stat) {
    for (Map.Entry<String, ByteString> attribute : stat.extendedAttributes().entrySet()) {
      if (attribute.getKey().startsWith(OVERLAY_ATTRIBUTES)) {
        continue;
      }
      try {
        kernel.setExtendedAttribute(path, attribute.getKey(), attribute.getValue().toByteArray());
      } catch (Denied | Exhausted | Unsupported | WrongState refused) {
        LOG.debug("{} of {} is left out: {}", attribute.getKey(), path, refused.text());
      }
    }
  }
}
