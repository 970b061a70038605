package dev.slipway.workernative.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.slipway.oci.Platform;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// The C library's functions that Slipway calls, one method each. Every method returns what the function returned, or minus errno.
/// Memory belongs to the caller's [CallFrame] and is only read or filled during the call.
final class Libc {
  static final int AT_FDCWD = -100;
  static final int AT_SYMLINK_NOFOLLOW = 0x100;
  static final int AT_RECURSIVE = 0x8000;
  static final int AT_EMPTY_PATH = 0x1000;
  static final int O_RDONLY = 0;
  static final int O_WRONLY = 1;
  static final int O_CREAT = 0x40;
  static final int O_TRUNC = 0x200;
  static final int O_CLOEXEC = 0x80000;
  // These two differ between x86 and arm (asm/fcntl.h).
  static final int O_NOFOLLOW = isArm() ? 0x8000 : 0x20000;
  static final int O_DIRECTORY = isArm() ? 0x4000 : 0x10000;
  static final int O_PATH = 0x200000;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");

  private static final MethodHandle STATX = bind("statx", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS);
  private static final MethodHandle LCHOWN = bind("lchown", JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);
  private static final MethodHandle FCHMODAT = bind("fchmodat", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);
  private static final MethodHandle FCHMOD = bind("fchmod", JAVA_INT, JAVA_INT, JAVA_INT);
  private static final MethodHandle UTIMENSAT = bind("utimensat", JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, JAVA_INT);
  private static final MethodHandle LLISTXATTR = bind("llistxattr", JAVA_LONG, ADDRESS, ADDRESS, JAVA_LONG);
  private static final MethodHandle LGETXATTR = bind("lgetxattr", JAVA_LONG, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG);
  private static final MethodHandle LSETXATTR = bind("lsetxattr", JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT);
  private static final MethodHandle LREMOVEXATTR = bind("lremovexattr", JAVA_INT, ADDRESS, ADDRESS);
  private static final MethodHandle MKNOD = bind("mknod", JAVA_INT, ADDRESS, JAVA_INT, JAVA_LONG);
  private static final MethodHandle LINKAT = bind("linkat", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle MOUNT = bind("mount", JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS);
  private static final MethodHandle UMOUNT2 = bind("umount2", JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle CLOSE = bind("close", JAVA_INT, JAVA_INT);
  private static final MethodHandle READ = bind("read", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);
  private static final MethodHandle WRITE = bind("write", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);
  private static final MethodHandle LSEEK = bind("lseek", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT);
  private static final MethodHandle FTRUNCATE = bind("ftruncate", JAVA_INT, JAVA_INT, JAVA_LONG);
  private static final MethodHandle SYNCFS = bind("syncfs", JAVA_INT, JAVA_INT);
  private static final MethodHandle KILL = bind("kill", JAVA_INT, JAVA_INT, JAVA_INT);
  private static final MethodHandle COPY_FILE_RANGE =
      bind("copy_file_range", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
  private static final MethodHandle OPEN = variadic("open", 2, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);
  private static final MethodHandle IOCTL = variadic("ioctl", 2, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle SYSCALL =
      variadic("syscall", 1, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);

  private Libc() {}

  /// statx(2). No capability beyond search permission. The JDK reads the same through a map of boxed values, several times slower.
  static int statx(CallFrame frame, MemorySegment path, int flags, int mask, MemorySegment buffer) {
    try {
      return (int) frame.result((int) STATX.invokeExact(frame.captured, AT_FDCWD, path, flags, mask, buffer));
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /// lchown(2), CAP_CHOWN. The JDK cannot set numeric owners that have no name.
  static int lchown(CallFrame frame, MemorySegment path, int uid, int gid) {
    try {
      return (int) frame.result((int) LCHOWN.invokeExact(frame.captured, path, uid, gid));
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /// fchmodat(3), CAP_FOWNER for other users' files. The JDK knows no setuid, setgid and sticky bits.
  static int fchmodat(CallFrame frame, MemorySegment path, int mode, int flags) {
    try {
      return (int) frame.result((int) FCHMODAT.invokeExact(frame.captured, AT_FDCWD, path, mode, flags));
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /// fchmod(2), as above on a file we opened.
  static int fchmod(CallFrame frame, int descriptor, int mode) {
    try {
      return (int) frame.result((int) FCHMOD.invokeExact(frame.captured, descriptor, mode));
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /// utimensat(2), CAP_FOWNER. The JDK follows symbolic links here or refuses them.
  ///
  /// @param times two timespec: access and modification time
  static int utimensat(CallFrame frame, MemorySegment path, MemorySegment times, int flags) {
    try {
      return (int) frame.result((int) UTIMENSAT.invokeExact(frame.captured, AT_FDCWD, path, times, flags));
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /// listxattr(2) on the entry itself. The JDK sees only the `user.` namespace. `trusted.` needs CAP_SYS_ADMIN.
  static long llistxattr(CallFrame frame, MemorySegment path, MemorySegment buffer, long bytes) {
    try {
      return frame.result((long) LLISTXATTR.invokeExact(frame.captured, path, buffer, bytes));
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /// getxattr(2) on the entry itself.
  static long lgetxattr(CallFrame frame, MemorySegment path, MemorySegment name, MemorySegment buffer, long bytes) {
    try {
      return frame.result((long) LGETXATTR.invokeExact(frame.captured, path, name, buffer, bytes));
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /// setxattr(2) on the entry itself. CAP_SYS_ADMIN for `trusted.`, CAP_SETFCAP for `security.capability`.
  static int lsetxattr(CallFrame frame, MemorySegment path, MemorySegment name, MemorySegment value, long bytes) {
    try {
      return (int) frame.result((int) LSETXATTR.invokeExact(frame.captured, path, name, value, bytes, 0));
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /// removexattr(2) on the entry itself.
  static int lremovexattr(CallFrame frame, MemorySegment path, MemorySegment name) {
    try {
      return (int) frame.result((int) LREMOVEXATTR.invokeExact(frame.captured, path, name));
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /// mknod(2), CAP_MKNOD for devices. The JDK has no call for it.
  static int mknod(CallFrame frame, MemorySegment path, int modeWithType, long device) {
    try {
      return (int) frame.result((int) MKNOD.invokeExact(frame.captured, path, modeWithType, device));
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /// linkat(2) without AT_SYMLINK_FOLLOW: also links symbolic links themselves.
  static int link(CallFrame frame, MemorySegment existing, MemorySegment link) {
    try {
      return (int) frame.result((int) LINKAT.invokeExact(frame.captured, AT_FDCWD, existing, AT_FDCWD, link, 0));
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /// mount(2), CAP_SYS_ADMIN. For kernels without the calls of [NewMountCalls].
  static int mount(CallFrame frame, MemorySegment source, MemorySegment target, MemorySegment type, long flags, MemorySegment data) {
    try {
      return (int) frame.result((int) MOUNT.invokeExact(frame.captured, source, target, type, flags, data));
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /// umount2(2), CAP_SYS_ADMIN.
  static int umount2(CallFrame frame, MemorySegment target, int flags) {
    try {
      return (int) frame.result((int) UMOUNT2.invokeExact(frame.captured, target, flags));
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /// open(2). Needed where the descriptor itself matters (O_PATH, reflinks, holes), which the JDK hides.
  static int open(CallFrame frame, MemorySegment path, int flags, int mode) {
    try {
      return (int) frame.result((int) OPEN.invokeExact(frame.captured, path, flags, mode));
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  static int close(CallFrame frame, int descriptor) {
    try {
      return (int) frame.result((int) CLOSE.invokeExact(frame.captured, descriptor));
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  static long read(CallFrame frame, int descriptor, MemorySegment buffer, long bytes) {
    try {
      return frame.result((long) READ.invokeExact(frame.captured, descriptor, buffer, bytes));
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  static long write(CallFrame frame, int descriptor, MemorySegment buffer, long bytes) {
    try {
      return frame.result((long) WRITE.invokeExact(frame.captured, descriptor, buffer, bytes));
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /// lseek(2), for SEEK_DATA and SEEK_HOLE, which the JDK does not have.
  static long lseek(CallFrame frame, int descriptor, long offset, int whence) {
    try {
      return frame.result((long) LSEEK.invokeExact(frame.captured, descriptor, offset, whence));
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  static int ftruncate(CallFrame frame, int descriptor, long bytes) {
    try {
      return (int) frame.result((int) FTRUNCATE.invokeExact(frame.captured, descriptor, bytes));
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /// syncfs(2): flushes one file system. The JDK flushes single files only.
  static int syncfs(CallFrame frame, int descriptor) {
    try {
      return (int) frame.result((int) SYNCFS.invokeExact(frame.captured, descriptor));
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /// kill(2). The JDK sends only SIGTERM and SIGKILL.
  static int kill(CallFrame frame, int pid, int signal) {
    try {
      return (int) frame.result((int) KILL.invokeExact(frame.captured, pid, signal));
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /// copy_file_range(2) at the current positions of both files. Shares blocks where the file system can.
  static long copyFileRange(CallFrame frame, int from, int to, long bytes) {
    try {
      return frame.result(
          (long) COPY_FILE_RANGE.invokeExact(frame.captured, from, MemorySegment.NULL, to, MemorySegment.NULL, bytes, 0));
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /// ioctl(2) with an integer argument, for FICLONE (ioctl_ficlone(2)).
  static int ioctl(CallFrame frame, int descriptor, long request, long argument) {
    try {
      return (int) frame.result((int) IOCTL.invokeExact(frame.captured, descriptor, request, argument));
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /// syscall(2), for calls that older C libraries have no function for. Addresses are passed as numbers; the frame keeps them alive.
  static long syscall(CallFrame frame, long number, long a, long b, long c, long d, long e) {
    try {
      return frame.result((long) SYSCALL.invokeExact(frame.captured, number, a, b, c, d, e));
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static MethodHandle bind(String name, MemoryLayout result, MemoryLayout... arguments) {
    return LINKER.downcallHandle(address(name), FunctionDescriptor.of(result, arguments), ERRNO);
  }

  private static MethodHandle variadic(String name, int firstVariadic, MemoryLayout result, MemoryLayout... arguments) {
    return LINKER.downcallHandle(
        address(name), FunctionDescriptor.of(result, arguments), ERRNO, Linker.Option.firstVariadicArg(firstVariadic));
  }

  private static MemorySegment address(String name) {
    return LINKER.defaultLookup().find(name).orElseThrow(() -> new IllegalStateException("the C library has no " + name));
  }

  private static boolean isArm() {
    return Platform.local().architecture().startsWith("arm");
  }

  private static RuntimeException unexpected(Throwable thrown) {
    return switch (thrown) {
      case RuntimeException unchecked -> unchecked;
      case Error error -> throw error;
      default -> new IllegalStateException("a native call threw", thrown);
    };
  }
}
