package dev.slipway.kernel;

/// What lstat(2) tells of one entry.
///
/// @param mode permission bits with setuid, setgid, sticky (07777), without type bits
/// @param bytes length of a regular file, of a link's target text; otherwise as the kernel says
/// @param modifiedNanos since the epoch
/// @param links number of hard links
/// @param inode together with device: which file it is
/// @param rdevMajor of device nodes, else 0
public record FileAttributes(
    Type type,
    int mode,
    int uid,
    int gid,
    long bytes,
    long modifiedNanos,
    int links,
    long device,
    long inode,
    int rdevMajor,
    int rdevMinor,
    long blocks512) {
  public enum Type {
    FILE,
    DIRECTORY,
    SYMLINK,
    CHARACTER_DEVICE,
    BLOCK_DEVICE,
    NAMED_PIPE,
    SOCKET
  }

  public boolean isDirectory() {
    return type == Type.DIRECTORY;
  }

  public boolean isFile() {
    return type == Type.FILE;
  }

  public boolean isSymlink() {
    return type == Type.SYMLINK;
  }

  /// True for overlayfs's marker of a deleted entry: a character device 0:0.
  public boolean isOverlayWhiteout() {
    return type == Type.CHARACTER_DEVICE && rdevMajor == 0 && rdevMinor == 0;
  }
}
