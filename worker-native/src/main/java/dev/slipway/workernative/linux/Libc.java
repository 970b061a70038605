package dev.slipway.workernative.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.slipway.oci.Platform;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// The C library's functions that Slipway calls, one method each. Every method returns what the
/// function returned, or minus errno. Memory belongs to the caller's [CallFrame] and is only read
/// or filled during the call.
///
/// All of them take only integers and addresses, so one handle serves for all: six arguments in
/// registers, of which a function looks at the ones it has. (True of every 64-bit Linux calling
/// convention; integers are passed sign-extended.) A handle per function would make the Java
/// runtime generate code for each at start-up, some 10 ms apiece.
@SuppressWarnings(
    "restricted") // the launcher grants native access, and this is the one class that needs it
final class Libc {
  static final int AT_FDCWD = -100;
  static final int AT_SYMLINK_NOFOLLOW = 0x100;
  static final int AT_RECURSIVE = 0x8000;
  static final int AT_EMPTY_PATH = 0x1000;
  static final int O_RDONLY = 0;
  static final int O_WRONLY = 1;
  static final int O_RDWR = 2;
  static final int O_CREAT = 0x40;
  static final int O_NOCTTY = 0x100;
  static final int O_TRUNC = 0x200;
  static final int O_NONBLOCK = 0x800;
  static final int O_CLOEXEC = 0x80000;
  // These two differ between x86 and arm (asm/fcntl.h).
  static final int O_NOFOLLOW = isArm() ? 0x8000 : 0x20000;
  static final int O_DIRECTORY = isArm() ? 0x4000 : 0x10000;
  static final int O_PATH = 0x200000;
  static final int SYNC_FILE_RANGE_WRITE = 2;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final MethodHandle CALL =
      LINKER.downcallHandle(
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
          Linker.Option.captureCallState("errno"));

  private static final MemorySegment STATX = find("statx");
  private static final MemorySegment LCHOWN = find("lchown");
  private static final MemorySegment FCHMODAT = find("fchmodat");
  private static final MemorySegment UTIMENSAT = find("utimensat");
  private static final MemorySegment LLISTXATTR = find("llistxattr");
  private static final MemorySegment LGETXATTR = find("lgetxattr");
  private static final MemorySegment LSETXATTR = find("lsetxattr");
  private static final MemorySegment LREMOVEXATTR = find("lremovexattr");
  private static final MemorySegment MKNOD = find("mknod");
  private static final MemorySegment LINKAT = find("linkat");
  private static final MemorySegment MOUNT = find("mount");
  private static final MemorySegment UMOUNT2 = find("umount2");
  private static final MemorySegment OPEN = find("open");
  private static final MemorySegment CLOSE = find("close");
  private static final MemorySegment READ = find("read");
  private static final MemorySegment WRITE = find("write");
  private static final MemorySegment LSEEK = find("lseek");
  private static final MemorySegment FTRUNCATE = find("ftruncate");
  private static final MemorySegment SYNCFS = find("syncfs");
  private static final MemorySegment SYNC_FILE_RANGE = find("sync_file_range");
  private static final MemorySegment KILL = find("kill");
  private static final MemorySegment COPY_FILE_RANGE = find("copy_file_range");
  private static final MemorySegment IOCTL = find("ioctl");
  private static final MemorySegment UNSHARE = find("unshare");
  private static final MemorySegment SOCKET = find("socket");
  private static final MemorySegment SYSCALL = find("syscall");

  private Libc() {}

  /// statx(2). No capability beyond search permission. The JDK reads the same through a map of
  /// boxed values, several times slower.
  static int statx(CallFrame frame, MemorySegment path, int flags, int mask, MemorySegment buffer) {
    return asInt(frame, STATX, AT_FDCWD, path.address(), flags, mask, buffer.address());
  }

  /// lchown(2), CAP_CHOWN. The JDK cannot set numeric owners that have no name.
  static int lchown(CallFrame frame, MemorySegment path, int uid, int gid) {
    return asInt(frame, LCHOWN, path.address(), uid, gid, 0, 0);
  }

  /// fchmodat(3), CAP_FOWNER for other users' files. The JDK knows no setuid, setgid and sticky
  /// bits.
  static int fchmodat(CallFrame frame, MemorySegment path, int mode, int flags) {
    return asInt(frame, FCHMODAT, AT_FDCWD, path.address(), mode, flags, 0);
  }

  /// utimensat(2), CAP_FOWNER. The JDK follows symbolic links here or refuses them.
  ///
  /// @param times two timespec: access and modification time
  static int utimensat(CallFrame frame, MemorySegment path, MemorySegment times, int flags) {
    return asInt(frame, UTIMENSAT, AT_FDCWD, path.address(), times.address(), flags, 0);
  }

  /// listxattr(2) on the entry itself. The JDK sees only the `user.` namespace. `trusted.` needs
  /// CAP_SYS_ADMIN.
  static long llistxattr(CallFrame frame, MemorySegment path, MemorySegment buffer, long bytes) {
    return asLong(frame, LLISTXATTR, path.address(), buffer.address(), bytes, 0, 0);
  }

  /// getxattr(2) on the entry itself.
  static long lgetxattr(
      CallFrame frame, MemorySegment path, MemorySegment name, MemorySegment buffer, long bytes) {
    return asLong(frame, LGETXATTR, path.address(), name.address(), buffer.address(), bytes, 0);
  }

  /// setxattr(2) on the entry itself. CAP_SYS_ADMIN for `trusted.`, CAP_SETFCAP for
  /// `security.capability`.
  static int lsetxattr(
      CallFrame frame, MemorySegment path, MemorySegment name, MemorySegment value, long bytes) {
    return asInt(frame, LSETXATTR, path.address(), name.address(), value.address(), bytes, 0);
  }

  /// removexattr(2) on the entry itself.
  static int lremovexattr(CallFrame frame, MemorySegment path, MemorySegment name) {
    return asInt(frame, LREMOVEXATTR, path.address(), name.address(), 0, 0, 0);
  }

  /// mknod(2), CAP_MKNOD for devices. The JDK has no call for it.
  static int mknod(CallFrame frame, MemorySegment path, int modeWithType, long device) {
    return asInt(frame, MKNOD, path.address(), modeWithType, device, 0, 0);
  }

  /// linkat(2) without AT_SYMLINK_FOLLOW: also links symbolic links themselves.
  static int link(CallFrame frame, MemorySegment existing, MemorySegment link) {
    return asInt(frame, LINKAT, AT_FDCWD, existing.address(), AT_FDCWD, link.address(), 0);
  }

  /// mount(2), CAP_SYS_ADMIN. For kernels without the calls of [LinuxMounts].
  static int mount(
      CallFrame frame,
      MemorySegment source,
      MemorySegment target,
      MemorySegment type,
      long flags,
      MemorySegment data) {
    return asInt(
        frame, MOUNT, source.address(), target.address(), type.address(), flags, data.address());
  }

  /// umount2(2), CAP_SYS_ADMIN.
  static int umount2(CallFrame frame, MemorySegment target, int flags) {
    return asInt(frame, UMOUNT2, target.address(), flags, 0, 0, 0);
  }

  /// open(2). Needed where the descriptor itself matters (O_PATH, reflinks, holes), which the JDK
  /// hides.
  static int open(CallFrame frame, MemorySegment path, int flags, int mode) {
    return asInt(frame, OPEN, path.address(), flags, mode, 0, 0);
  }

  static int close(CallFrame frame, int descriptor) {
    return asInt(frame, CLOSE, descriptor, 0, 0, 0, 0);
  }

  static long read(CallFrame frame, int descriptor, MemorySegment buffer, long bytes) {
    return asLong(frame, READ, descriptor, buffer.address(), bytes, 0, 0);
  }

  static long write(CallFrame frame, int descriptor, MemorySegment buffer, long bytes) {
    return asLong(frame, WRITE, descriptor, buffer.address(), bytes, 0, 0);
  }

  /// lseek(2), for SEEK_DATA and SEEK_HOLE, which the JDK does not have.
  static long lseek(CallFrame frame, int descriptor, long offset, int whence) {
    return asLong(frame, LSEEK, descriptor, offset, whence, 0, 0);
  }

  static int ftruncate(CallFrame frame, int descriptor, long bytes) {
    return asInt(frame, FTRUNCATE, descriptor, bytes, 0, 0, 0);
  }

  /// syncfs(2): flushes one file system. The JDK flushes single files only.
  static int syncfs(CallFrame frame, int descriptor) {
    return asInt(frame, SYNCFS, descriptor, 0, 0, 0, 0);
  }

  /// sync_file_range(2): begins to write a file's pages, or waits for them. The JDK only flushes.
  static int syncFileRange(CallFrame frame, int descriptor, long offset, long bytes, int flags) {
    return asInt(frame, SYNC_FILE_RANGE, descriptor, offset, bytes, flags, 0);
  }

  /// kill(2). The JDK sends only SIGTERM and SIGKILL, and only to processes it knows.
  static int kill(CallFrame frame, int pid, int signal) {
    return asInt(frame, KILL, pid, signal, 0, 0, 0);
  }

  /// copy_file_range(2) at the current positions of both files. Shares blocks where the file system
  /// can.
  static long copyFileRange(CallFrame frame, int from, int to, long bytes) {
    return asLong(frame, COPY_FILE_RANGE, from, 0, to, 0, bytes);
  }

  /// ioctl(2), for FICLONE (ioctl_ficlone(2)) and terminals (ioctl_tty(2)).
  ///
  /// @param argument a number, or the address of a structure
  static int ioctl(CallFrame frame, int descriptor, long request, long argument) {
    return asInt(frame, IOCTL, descriptor, request, argument, 0, 0);
  }

  /// unshare(2), CAP_SYS_ADMIN. Changes the calling thread: only for threads made for this.
  static int unshare(CallFrame frame, int flags) {
    return asInt(frame, UNSHARE, flags, 0, 0, 0, 0);
  }

  /// socket(2), as something to ask netdevice(7) by.
  static int socket(CallFrame frame, int family, int type) {
    return asInt(frame, SOCKET, family, type, 0, 0, 0);
  }

  /// syscall(2), for calls that older C libraries have no function for. Addresses are passed as
  /// numbers; the frame keeps them alive.
  static long syscall(CallFrame frame, long number, long a, long b, long c, long d, long e) {
    try {
      return frame.result((long) CALL.invokeExact(SYSCALL, frame.captured, number, a, b, c, d, e));
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /// A function of another library, which like all here takes integers and addresses only.
  static long call(
      CallFrame frame, MemorySegment function, long a, long b, long c, long d, long e) {
    return asLong(frame, function, a, b, c, d, e);
  }

  private static long asLong(
      CallFrame frame, MemorySegment function, long a, long b, long c, long d, long e) {
    try {
      return frame.result((long) CALL.invokeExact(function, frame.captured, a, b, c, d, e, 0L));
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /// For functions that return `int`: the upper half of the register means nothing.
  private static int asInt(
      CallFrame frame, MemorySegment function, long a, long b, long c, long d, long e) {
    try {
      long register = (long) CALL.invokeExact(function, frame.captured, a, b, c, d, e, 0L);
      return (int) frame.result((register << 32) >> 32);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static MemorySegment find(String name) {
    return LINKER
        .defaultLookup()
        .find(name)
        .orElseThrow(() -> new IllegalStateException("the C library has no " + name));
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
