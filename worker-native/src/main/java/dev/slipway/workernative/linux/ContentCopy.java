package dev.slipway.workernative.linux;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Copies the bytes of one file into another by the cheapest way: shared blocks (ioctl_ficlone(2)),
/// copy inside the kernel (copy_file_range(2)), read and write. Holes stay holes. Thread-safe.
final class ContentCopy {
  private static final long FICLONE = 0x40049409L;
  private static final int SEEK_SET = 0;
  private static final int SEEK_DATA = 3;
  private static final int SEEK_HOLE = 4;
  private static final long SMALL = 64 << 10;
  private static final long CHUNK = 16 << 20;

  /// Devices whose file system answered that it cannot share blocks; asking again would cost a call
  /// per file.
  private final Set<Long> withoutReflink = ConcurrentHashMap.newKeySet();

  /// @param bytes length of the source when it was looked at
  /// @param device of the source
  void copy(Path from, Path to, long bytes, long device) {
    try (var frame = new CallFrame()) {
      int source = open(frame, from, Libc.O_RDONLY | Libc.O_NOFOLLOW | Libc.O_CLOEXEC, 0);
      try {
        int flags = Libc.O_WRONLY | Libc.O_CREAT | Libc.O_TRUNC | Libc.O_NOFOLLOW | Libc.O_CLOEXEC;
        int target = open(frame, to, flags, 0600);
        try {
          copyOpened(frame, source, target, bytes, device, to);
        } finally {
          Libc.close(frame, target);
        }
      } finally {
        Libc.close(frame, source);
      }
    }
  }

  private void copyOpened(
      CallFrame frame, int source, int target, long bytes, long device, Path to) {
    if (bytes <= SMALL) {
      copySmall(frame, source, target, to);
      return;
    }
    if (!withoutReflink.contains(device)) {
      if (Libc.ioctl(frame, target, FICLONE, source) == 0) {
        return;
      }
      withoutReflink.add(device);
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

  private static void copySmall(CallFrame frame, int source, int target, Path to) {
    MemorySegment buffer = frame.space(SMALL);
    long read;
    while ((read = check(Libc.read(frame, source, buffer, SMALL), to)) > 0) {
      writeAll(frame, target, buffer, read, to);
      if (read < SMALL) {
        // Regular files answer short only at their end; one more read would just confirm it.
        return;
      }
    }
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
