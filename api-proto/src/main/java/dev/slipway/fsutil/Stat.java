package dev.slipway.fsutil;

import com.google.protobuf.ByteString;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/// One entry of a file tree, as it is announced before its content.
///
/// @param path relative to the root, with slashes, clean
/// @param mode bits of [FileMode]
/// @param uid 0 to 4294967295, as is the gid
/// @param size bytes of a regular file; 0 for directories and hard links
/// @param modifiedNanos since the epoch
/// @param linkName of a symbolic link its text; of a hard link the path of an earlier entry; empty
///   otherwise
/// @param extendedAttributes by full name
public record Stat(
    String path,
    int mode,
    long uid,
    long gid,
    long size,
    long modifiedNanos,
    String linkName,
    long deviceMajor,
    long deviceMinor,
    Map<String, ByteString> extendedAttributes) {
  public Stat {
    extendedAttributes =
        extendedAttributes.isEmpty()
            ? Map.of()
            : Collections.unmodifiableMap(new TreeMap<>(extendedAttributes));
  }

  public boolean isDirectory() {
    return (mode & FileMode.DIRECTORY) != 0;
  }

  public boolean isSymlink() {
    return (mode & FileMode.SYMLINK) != 0;
  }

  /// Also true for hard links.
  public boolean isRegular() {
    return (mode & FileMode.TYPE) == 0;
  }

  /// Another name of a file that came earlier; it has no content of its own.
  public boolean isHardLink() {
    return !isDirectory() && !isSymlink() && !linkName.isEmpty();
  }

  public boolean isDevice() {
    return (mode & FileMode.DEVICE) != 0;
  }

  public boolean isNamedPipe() {
    return (mode & FileMode.NAMED_PIPE) != 0;
  }

  /// The last component of the path.
  public String name() {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  public Stat withOwner(long newUid, long newGid) {
    return new Stat(
        path,
        mode,
        newUid,
        newGid,
        size,
        modifiedNanos,
        linkName,
        deviceMajor,
        deviceMinor,
        extendedAttributes);
  }

  public Stat withLinkName(String name) {
    return new Stat(
        path,
        mode,
        uid,
        gid,
        size,
        modifiedNanos,
        name,
        deviceMajor,
        deviceMinor,
        extendedAttributes);
  }

  public Stat withModifiedNanos(long nanos) {
    return new Stat(
        path, mode, uid, gid, size, nanos, linkName, deviceMajor, deviceMinor, extendedAttributes);
  }

  public Stat withPath(String newPath) {
    return new Stat(
        newPath,
        mode,
        uid,
        gid,
        size,
        modifiedNanos,
        linkName,
        deviceMajor,
        deviceMinor,
        extendedAttributes);
  }

  /// What `differ=metadata` compares: when equal, the content is taken to be equal, too.
  public boolean looksLike(Stat other) {
    boolean sameContent =
        isDirectory() || (size == other.size && modifiedNanos == other.modifiedNanos);
    return sameContent
        && mode == other.mode
        && uid == other.uid
        && gid == other.gid
        && deviceMajor == other.deviceMajor
        && deviceMinor == other.deviceMinor
        && linkName.equals(other.linkName);
  }
}
