package dev.slipway.fsutil;

/// File modes as the wire has them: the Go language's bits, which differ from those of POSIX above
/// the nine permission bits.
///
/// Source: Go `io/fs`, `FileMode`.
public final class FileMode {
  public static final int DIRECTORY = 1 << 31;
  public static final int SYMLINK = 1 << 27;
  public static final int DEVICE = 1 << 26;
  public static final int NAMED_PIPE = 1 << 25;
  public static final int SOCKET = 1 << 24;
  public static final int SETUID = 1 << 23;
  public static final int SETGID = 1 << 22;

  /// Together with [#DEVICE].
  public static final int CHARACTER_DEVICE = 1 << 21;

  public static final int STICKY = 1 << 20;
  public static final int IRREGULAR = 1 << 19;
  public static final int PERMISSIONS = 0777;

  /// All that say what kind of entry it is; none of them is a regular file.
  public static final int TYPE =
      DIRECTORY | SYMLINK | DEVICE | NAMED_PIPE | SOCKET | CHARACTER_DEVICE | IRREGULAR;

  private static final int POSIX_TYPE = 0170000;
  private static final int POSIX_SOCKET = 0140000;
  private static final int POSIX_SYMLINK = 0120000;
  private static final int POSIX_FILE = 0100000;
  private static final int POSIX_BLOCK = 0060000;
  private static final int POSIX_DIRECTORY = 0040000;
  private static final int POSIX_CHARACTER = 0020000;
  private static final int POSIX_PIPE = 0010000;

  private FileMode() {}

  /// @param posix `st_mode` with its type bits
  public static int ofPosix(int posix) {
    int type =
        switch (posix & POSIX_TYPE) {
          case POSIX_DIRECTORY -> DIRECTORY;
          case POSIX_SYMLINK -> SYMLINK;
          case POSIX_BLOCK -> DEVICE;
          case POSIX_CHARACTER -> DEVICE | CHARACTER_DEVICE;
          case POSIX_PIPE -> NAMED_PIPE;
          case POSIX_SOCKET -> SOCKET;
          case POSIX_FILE, 0 -> 0;
          default -> IRREGULAR;
        };
    return type
        | (posix & PERMISSIONS)
        | ((posix & 04000) == 0 ? 0 : SETUID)
        | ((posix & 02000) == 0 ? 0 : SETGID)
        | ((posix & 01000) == 0 ? 0 : STICKY);
  }

  /// `st_mode` with its type bits.
  public static int toPosix(int mode) {
    return posixType(mode) | posixPermissions(mode);
  }

  /// The twelve bits that chmod(2) takes.
  public static int posixPermissions(int mode) {
    return (mode & PERMISSIONS)
        | ((mode & SETUID) == 0 ? 0 : 04000)
        | ((mode & SETGID) == 0 ? 0 : 02000)
        | ((mode & STICKY) == 0 ? 0 : 01000);
  }

  private static int posixType(int mode) {
    if ((mode & DIRECTORY) != 0) {
      return POSIX_DIRECTORY;
    }
    if ((mode & SYMLINK) != 0) {
      return POSIX_SYMLINK;
    }
    if ((mode & DEVICE) != 0) {
      return (mode & CHARACTER_DEVICE) != 0 ? POSIX_CHARACTER : POSIX_BLOCK;
    }
    if ((mode & NAMED_PIPE) != 0) {
      return POSIX_PIPE;
    }
    return (mode & SOCKET) != 0 ? POSIX_SOCKET : POSIX_FILE;
  }
}
