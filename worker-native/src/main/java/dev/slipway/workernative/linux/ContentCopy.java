package dev.slipway.workernative.linux;

import dev.slipway.task.PlatformThreads;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Optional;

/// Copies the bytes of one file into another by the cheapest way: shared blocks (ioctl_ficlone(2)),
/// copy inside the kernel (copy_file_range(2)), read and write. Holes stay holes. Thread-safe.
final class ContentCopy {
  private static final long FICLONE = 0x40049409L;
  private static final int SEEK_SET = 0;
  private static final int SEEK_END = 2;
  private static final int SEEK_DATA = 3;
  private static final int SEEK_HOLE = 4;
  private static final long SMALL = 32 << 10;
  private static final long CHUNK = 16 << 20;

  /// Turned off for good when the file system answers that it cannot share blocks: all our trees
  /// are on one file system, and asking again would cost a call per file.
  private volatile boolean reflinks = true;

  /// @param blocking where a copy that takes long is done
  void copy(Path from, Path to, PlatformThreads blocking) {
    try (var frame = new CallFrame()) {
      // Without O_NONBLOCK a pipe that took the file's place would hold us until somebody writes.
      int reading = Libc.O_RDONLY | Libc.O_NOFOLLOW | Libc.O_NONBLOCK | Libc.O_CLOEXEC;
      int source = open(frame, from, reading, 0);
      try {
        int writing =
            Libc.O_WRONLY | Libc.O_CREAT | Libc.O_TRUNC | Libc.O_NOFOLLOW | Libc.O_CLOEXEC;
        int target = open(frame, to, writing, 0600);
        try {
          if (!copySmall(frame, source, target, to)) {
            blocking.call(
                () -> {
                  copyBig(source, target, to);
                  return Optional.<Void>empty();
                });
          }
        } finally {
          Libc.close(frame, target);
        }
      } finally {
        Libc.close(frame, source);
      }
    }
  }

  /// Most files are small: one read shows it and is the copy, too.
  ///
  /// @return false when the file is longer; nothing is written then
  private static boolean copySmall(CallFrame frame, int source, int target, Path to) {
    MemorySegment buffer = frame.space(SMALL);
    long read = check(Libc.read(frame, source, buffer, SMALL), to);
    if (read == SMALL) {
      return false;
    }
    writeAll(frame, target, buffer, read, to);
    return true;
  }

  private void copyBig(int source, int target, Path to) {
    try (var frame = new CallFrame()) {
      copyBig(frame, source, target, to);
    }
  }

  private void copyBig(CallFrame frame, int source, int target, Path to) {
    long bytes = check(Libc.lseek(frame, source, 0, SEEK_END), to);
    if (reflinks) {
      int cloned = Libc.ioctl(frame, target, FICLONE, source);
      if (cloned == 0) {
        return;
      }
      // Between two file systems it can never work; that says nothing about others.
      reflinks = cloned == -Errno.EXDEV;
    }
    long position = 0;
    while (position < bytes) {
      long data = Libc.lseek(frame, source, position, SEEK_DATA);
      if (data == -Errno.ENXIO) {
        break;
      }
      data = data < 0 ? position : data;
      long hole = Libc.lseek(frame, source, data, SEEK_HOLE);
      hole = hole < 0 ? bytes : hole;
      check(Libc.lseek(frame, source, data, SEEK_SET), to);
      check(Libc.lseek(frame, target, data, SEEK_SET), to);
      position = data + copyRange(frame, source, target, hole - data, to);
      if (position < hole) {
        break; // the file became shorter under us
      }
    }
    check(Libc.ftruncate(frame, target, bytes), to);
  }

  private static long copyRange(CallFrame frame, int source, int target, long bytes, Path to) {
    long left = bytes;
    while (left > 0) {
      long copied = Libc.copyFileRange(frame, source, target, Math.min(left, CHUNK));
      if (copied == 0) {
        break;
      }
      if (copied < 0) {
        long errno = -copied;
        if (errno == Errno.EXDEV
            || errno == Errno.EINVAL
            || errno == Errno.ENOSYS
            || errno == Errno.EOPNOTSUPP) {
          return bytes - left + copyByBuffer(frame, source, target, left, to);
        }
        check(copied, to);
      }
      left -= copied;
    }
    return bytes - left;
  }

  private static long copyByBuffer(CallFrame frame, int source, int target, long bytes, Path to) {
    long size = 1 << 20;
    MemorySegment buffer = frame.space(size);
    long left = bytes;
    while (left > 0) {
      long read = check(Libc.read(frame, source, buffer, Math.min(left, size)), to);
      if (read == 0) {
        break;
      }
      writeAll(frame, target, buffer, read, to);
      left -= read;
    }
    return bytes - left;
  }

  private static void writeAll(
      CallFrame frame, int target, MemorySegment buffer, long bytes, Path to) {
    long written = 0;
    while (written < bytes) {
      written += check(Libc.write(frame, target, buffer.asSlice(written), bytes - written), to);
    }
  }

  private static int open(CallFrame frame, Path path, int flags, int mode) {
    int descriptor = Libc.open(frame, frame.text(path), flags, mode);
    if (descriptor < 0) {
      throw new Errno(-descriptor).failure("open", path);
    }
    return descriptor;
  }

  private static long check(long result, Path to) {
    if (result < 0) {
      throw new Errno((int) -result).failure("copy to", to);
    }
    return result;
  }
}
