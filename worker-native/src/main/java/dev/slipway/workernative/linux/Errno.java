package dev.slipway.workernative.linux;

import dev.slipway.failure.AlreadyExists;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Denied;
import dev.slipway.failure.Exhausted;
import dev.slipway.failure.NotFound;
import dev.slipway.failure.Unsupported;
import dev.slipway.failure.WrongState;
import java.nio.file.Path;
import java.util.Map;

/// Why a system call failed (errno(3)). Numbers are the generic Linux ones, equal on x86-64, arm64,
/// riscv64, ppc64le and s390x.
record Errno(int number) {
  static final int EPERM = 1;
  static final int ENOENT = 2;
  static final int EINTR = 4;
  static final int ENXIO = 6;
  static final int ENOMEM = 12;
  static final int EACCES = 13;
  static final int EBUSY = 16;
  static final int EEXIST = 17;
  static final int EXDEV = 18;
  static final int ENOTDIR = 20;
  static final int EINVAL = 22;
  static final int ENOTTY = 25;
  static final int ENOSPC = 28;
  static final int ERANGE = 34;
  static final int ENOSYS = 38;
  static final int ELOOP = 40;
  static final int ENODATA = 61;
  static final int EOPNOTSUPP = 95;
  static final int EDQUOT = 122;

  /// The C library's words for the commoner ones.
  private static final Map<Integer, String> WORDS =
      Map.ofEntries(
          Map.entry(EPERM, "operation not permitted"),
          Map.entry(ENOENT, "no such file or directory"),
          Map.entry(EINTR, "interrupted system call"),
          Map.entry(5, "input/output error"),
          Map.entry(ENXIO, "no such device or address"),
          Map.entry(ENOMEM, "cannot allocate memory"),
          Map.entry(EACCES, "permission denied"),
          Map.entry(EBUSY, "device or resource busy"),
          Map.entry(EEXIST, "file exists"),
          Map.entry(EXDEV, "invalid cross-device link"),
          Map.entry(19, "no such device"),
          Map.entry(ENOTDIR, "not a directory"),
          Map.entry(21, "is a directory"),
          Map.entry(EINVAL, "invalid argument"),
          Map.entry(24, "too many open files"),
          Map.entry(27, "file too large"),
          Map.entry(ENOSPC, "no space left on device"),
          Map.entry(30, "read-only file system"),
          Map.entry(31, "too many links"),
          Map.entry(ERANGE, "numerical result out of range"),
          Map.entry(36, "file name too long"),
          Map.entry(ENOSYS, "function not implemented"),
          Map.entry(39, "directory not empty"),
          Map.entry(ELOOP, "too many levels of symbolic links"),
          Map.entry(ENODATA, "no data available"),
          Map.entry(EOPNOTSUPP, "operation not supported"),
          Map.entry(116, "stale file handle"),
          Map.entry(EDQUOT, "disk quota exceeded"));

  String words() {
    return WORDS.getOrDefault(number, "errno " + number);
  }

  BuildFailure failure(String call, Path path) {
    return failure(call, path.toString());
  }

  BuildFailure failure(String call, String what) {
    String message = call + " " + what + ": " + words();
    return switch (number) {
      case ENOENT -> new NotFound(message);
      case EEXIST -> new AlreadyExists(message);
      case EPERM, EACCES -> new Denied(message);
      case ENOSPC, EDQUOT, ENOMEM -> new Exhausted(message);
      case ENOSYS, EOPNOTSUPP -> new Unsupported(message);
      default -> new WrongState(message);
    };
  }
}
