package dev.slipway.workernative.linux;

import dev.slipway.failure.BuildFailure;
import dev.slipway.kernel.Kernel;
import dev.slipway.task.PlatformThreads;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;

/// A pseudo terminal of `/dev/ptmx` (pts(4), ioctl_tty(2)). The JDK has none, and could not open
/// one without making it its own controlling terminal.
final class LinuxTerminal implements Kernel.Terminal {
  private static final long TIOCGPTN = 0x80045430L;
  private static final long TIOCSPTLCK = 0x40045431L;
  private static final long TIOCSWINSZ = 0x5414L;
  private static final int EIO = 5;

  private final PlatformThreads blocking;
  private final int descriptor;
  private final Path device;
  private final AtomicBoolean open = new AtomicBoolean(true);

  private LinuxTerminal(PlatformThreads blocking, int descriptor, Path device) {
    this.blocking = blocking;
    this.descriptor = descriptor;
    this.device = device;
  }

  static LinuxTerminal open(PlatformThreads blocking) {
    try (var frame = new CallFrame()) {
      int flags = Libc.O_RDWR | Libc.O_NOCTTY | Libc.O_CLOEXEC;
      int descriptor = Libc.open(frame, frame.text("/dev/ptmx"), flags, 0);
      check(descriptor, "open");
      try {
        MemorySegment number = frame.space(8);
        check(Libc.ioctl(frame, descriptor, TIOCSPTLCK, number.address()), "unlock");
        check(Libc.ioctl(frame, descriptor, TIOCGPTN, number.address()), "number");
        Path device = Path.of("/dev/pts/" + number.get(ValueLayout.JAVA_INT, 0));
        return new LinuxTerminal(blocking, descriptor, device);
      } catch (BuildFailure failure) {
        Libc.close(frame, descriptor);
        throw failure;
      }
    }
  }

  @Override
  public Path device() {
    return device;
  }

  @Override
  public int read(byte[] buffer) {
    return blocking.call(
        () -> {
          try (var frame = new CallFrame()) {
            MemorySegment bytes = frame.space(buffer.length);
            long read = Libc.read(frame, descriptor, bytes, buffer.length);
            if (read == -EIO || read == 0) {
              return -1;
            }
            check(read, "read");
            MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, 0, buffer, 0, (int) read);
            return (int) read;
          }
        });
  }

  @Override
  public void write(byte[] bytes, int length) {
    blocking.call(
        () -> {
          try (var frame = new CallFrame()) {
            MemorySegment segment = frame.bytes(bytes);
            long written = 0;
            while (written < length) {
              written +=
                  check(
                      Libc.write(frame, descriptor, segment.asSlice(written), length - written),
                      "write");
            }
            return written;
          }
        });
  }

  @Override
  public void resize(int rows, int columns) {
    try (var frame = new CallFrame()) {
      MemorySegment size = frame.space(8);
      size.set(ValueLayout.JAVA_SHORT, 0, (short) rows);
      size.set(ValueLayout.JAVA_SHORT, 2, (short) columns);
      check(Libc.ioctl(frame, descriptor, TIOCSWINSZ, size.address()), "resize");
    }
  }

  @Override
  public void close() {
    if (open.getAndSet(false)) {
      try (var frame = new CallFrame()) {
        Libc.close(frame, descriptor);
      }
    }
  }

  private static long check(long result, String call) {
    if (result < 0) {
      throw new Errno((int) -result).failure(call, "/dev/ptmx");
    }
    return result;
  }
}
