package dev.slipway.workernative.linux;

import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.WrongState;
import dev.slipway.kernel.Deflate;
import dev.slipway.kernel.FileAttributes;
import dev.slipway.kernel.Kernel;
import dev.slipway.kernel.RootResolution;
import dev.slipway.snapshot.Mount;
import dev.slipway.task.PlatformThreads;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// The Linux kernel. Immutable but for what it has learned about the running kernel; thread-safe.
public final class LinuxKernel implements Kernel {
  private static final int STATX_BASIC = 0x7ff;
  private static final int STATX_BYTES = 256;
  private static final int S_IFMT = 0170000;
  private static final long SYS_OPENAT2 = 437;
  private static final long SYS_FCHMODAT2 = 452;
  private static final long RESOLVE_IN_ROOT = 0x10;
  private static final long RESOLVE_NO_MAGICLINKS = 0x02;

  private final PlatformThreads blocking = new PlatformThreads("kernel");
  private final LinuxMounts mounts = new LinuxMounts();
  private final ContentCopy contents = new ContentCopy();
  private volatile boolean chmodWithoutFollowing = true;
  private volatile boolean resolveInKernel = true;

  @Override
  public void mount(Mount mount, Path target) {
    blocking(() -> mounts.mount(mount, target));
  }

  @Override
  public void unmount(Path target) {
    blocking(() -> mounts.unmount(target));
  }

  @Override
  public void mountInside(Path root, String path, boolean readOnly, Path target) {
    blocking(() -> mountResolved(root, path, readOnly, target));
  }

  /// openat2(2) with RESOLVE_IN_ROOT gives a descriptor of what the path names at this moment, and
  /// the descriptor is what gets mounted.
  private void mountResolved(Path root, String path, boolean readOnly, Path target) {
    try (var frame = new CallFrame()) {
      int flags = Libc.O_PATH | Libc.O_DIRECTORY | Libc.O_CLOEXEC;
      int directory = checked(Libc.open(frame, frame.text(root), flags, 0), "open", root);
      try {
        long descriptor = -Errno.ENOSYS;
        if (resolveInKernel) {
          MemorySegment how = frame.space(24);
          how.set(ValueLayout.JAVA_LONG, 0, Libc.O_PATH | Libc.O_CLOEXEC);
          how.set(ValueLayout.JAVA_LONG, 16, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
          descriptor =
              Libc.syscall(
                  frame, SYS_OPENAT2, directory, frame.text(path).address(), how.address(), 24, 0);
          resolveInKernel = descriptor != -Errno.ENOSYS;
        }
        if (descriptor == -Errno.ENOSYS) {
          descriptor = openByWalking(frame, root, path);
        }
        int found = checked(descriptor, "resolve", root.resolve(path.replaceFirst("^/+", "")));
        try {
          mounts.bindDescriptor(found, readOnly, target);
        } finally {
          Libc.close(frame, found);
        }
      } finally {
        Libc.close(frame, directory);
      }
    }
  }

  /// For kernels before 5.6: walk, open, and look where the descriptor really is; again when
  /// somebody moved things meanwhile.
  private long openByWalking(CallFrame frame, Path root, String path) {
    for (int attempt = 0; attempt < 10; attempt++) {
      Path resolved = resolveInRoot(root, path, LastLink.FOLLOW);
      int descriptor =
          Libc.open(frame, frame.text(resolved), Libc.O_PATH | Libc.O_NOFOLLOW | Libc.O_CLOEXEC, 0);
      if (descriptor < 0) {
        return descriptor;
      }
      if (linkText(Path.of("/proc/self/fd/" + descriptor)).equals(resolved.toString())) {
        return descriptor;
      }
      Libc.close(frame, descriptor);
    }
    throw new WrongState("unable to resolve " + path + " safely in " + root);
  }

  @Override
  public FileAttributes attributes(Path path) {
    try (var frame = new CallFrame()) {
      MemorySegment buffer = frame.space(STATX_BYTES);
      int result =
          Libc.statx(frame, frame.text(path), Libc.AT_SYMLINK_NOFOLLOW, STATX_BASIC, buffer);
      checked(result, "lstat", path);
      return decode(buffer);
    }
  }

  @Override
  public Optional<FileAttributes> find(Path path) {
    try (var frame = new CallFrame()) {
      MemorySegment buffer = frame.space(STATX_BYTES);
      int result =
          Libc.statx(frame, frame.text(path), Libc.AT_SYMLINK_NOFOLLOW, STATX_BASIC, buffer);
      if (result == -Errno.ENOENT) {
        return Optional.empty();
      }
      checked(result, "lstat", path);
      return Optional.of(decode(buffer));
    }
  }

  /// struct statx of linux/stat.h.
  private static FileAttributes decode(MemorySegment statx) {
    int mode = statx.get(ValueLayout.JAVA_SHORT, 28) & 0xffff;
    long seconds = statx.get(ValueLayout.JAVA_LONG, 112);
    long device =
        Integer.toUnsignedLong(statx.get(ValueLayout.JAVA_INT, 136)) << 32
            | Integer.toUnsignedLong(statx.get(ValueLayout.JAVA_INT, 140));
    return new FileAttributes(
        type(mode),
        mode & 07777,
        statx.get(ValueLayout.JAVA_INT, 20),
        statx.get(ValueLayout.JAVA_INT, 24),
        statx.get(ValueLayout.JAVA_LONG, 40),
        seconds * 1_000_000_000L + statx.get(ValueLayout.JAVA_INT, 120),
        statx.get(ValueLayout.JAVA_INT, 16),
        device,
        statx.get(ValueLayout.JAVA_LONG, 32),
        statx.get(ValueLayout.JAVA_INT, 128),
        statx.get(ValueLayout.JAVA_INT, 132),
        statx.get(ValueLayout.JAVA_LONG, 48));
  }

  private static FileAttributes.Type type(int mode) {
    return switch (mode & S_IFMT) {
      case 0040000 -> FileAttributes.Type.DIRECTORY;
      case 0120000 -> FileAttributes.Type.SYMLINK;
      case 0020000 -> FileAttributes.Type.CHARACTER_DEVICE;
      case 0060000 -> FileAttributes.Type.BLOCK_DEVICE;
      case 0010000 -> FileAttributes.Type.NAMED_PIPE;
      case 0140000 -> FileAttributes.Type.SOCKET;
      default -> FileAttributes.Type.FILE;
    };
  }

  @Override
  public void setOwner(Path path, int uid, int gid) {
    try (var frame = new CallFrame()) {
      checked(Libc.lchown(frame, frame.text(path), uid, gid), "lchown", path);
    }
  }

  @Override
  public void setMode(Path path, int mode) {
    try (var frame = new CallFrame()) {
      MemorySegment text = frame.text(path);
      long result = -Errno.ENOSYS;
      if (chmodWithoutFollowing) {
        result =
            Libc.syscall(
                frame,
                SYS_FCHMODAT2,
                Libc.AT_FDCWD,
                text.address(),
                mode,
                Libc.AT_SYMLINK_NOFOLLOW,
                0);
        chmodWithoutFollowing = result != -Errno.ENOSYS;
      }
      if (result == -Errno.ENOSYS) {
        result = Libc.fchmodat(frame, text, mode, Libc.AT_SYMLINK_NOFOLLOW);
      }
      if (result != -Errno.EOPNOTSUPP) { // a symbolic link, which has no mode
        checked(result, "chmod", path);
      }
    }
  }

  @Override
  public void setModifiedTime(Path path, long nanos) {
    long seconds = Math.floorDiv(nanos, 1_000_000_000L);
    long fraction = Math.floorMod(nanos, 1_000_000_000L);
    try (var frame = new CallFrame()) {
      MemorySegment times = frame.space(32);
      for (long offset = 0; offset < 32; offset += 16) {
        times.set(ValueLayout.JAVA_LONG, offset, seconds);
        times.set(ValueLayout.JAVA_LONG, offset + 8, fraction);
      }
      checked(
          Libc.utimensat(frame, frame.text(path), times, Libc.AT_SYMLINK_NOFOLLOW),
          "utimensat",
          path);
    }
  }

  @Override
  public Map<String, byte[]> extendedAttributes(Path path) {
    try (var frame = new CallFrame()) {
      MemorySegment text = frame.text(path);
      Map<String, byte[]> all = new TreeMap<>();
      for (String name : names(frame, text, path)) {
        value(frame, text, name, path).ifPresent(value -> all.put(name, value));
      }
      return all;
    }
  }

  private static String[] names(CallFrame frame, MemorySegment text, Path path) {
    long room = 512;
    while (true) {
      MemorySegment buffer = frame.space(room);
      long bytes = Libc.llistxattr(frame, text, buffer, room);
      if (bytes == -Errno.ERANGE) {
        room = Math.max(room * 2, Libc.llistxattr(frame, text, MemorySegment.NULL, 0));
        continue;
      }
      if (bytes == -Errno.EOPNOTSUPP || bytes == 0) {
        return new String[0];
      }
      checked(bytes, "listxattr", path);
      String joined =
          new String(
              buffer.asSlice(0, bytes).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
      return joined.split("\0");
    }
  }

  @Override
  public Optional<byte[]> extendedAttribute(Path path, String name) {
    try (var frame = new CallFrame()) {
      return value(frame, frame.text(path), name, path);
    }
  }

  private static Optional<byte[]> value(
      CallFrame frame, MemorySegment text, String name, Path path) {
    MemorySegment nameText = frame.text(name);
    long room = 256;
    while (true) {
      MemorySegment buffer = frame.space(room);
      long bytes = Libc.lgetxattr(frame, text, nameText, buffer, room);
      if (bytes == -Errno.ERANGE) {
        room = Math.max(room * 2, Libc.lgetxattr(frame, text, nameText, MemorySegment.NULL, 0));
        continue;
      }
      if (bytes == -Errno.ENODATA || bytes == -Errno.EOPNOTSUPP) {
        return Optional.empty();
      }
      checked(bytes, "getxattr " + name, path);
      return Optional.of(buffer.asSlice(0, bytes).toArray(ValueLayout.JAVA_BYTE));
    }
  }

  @Override
  public void setExtendedAttribute(Path path, String name, byte[] value) {
    try (var frame = new CallFrame()) {
      int result =
          Libc.lsetxattr(
              frame, frame.text(path), frame.text(name), frame.bytes(value), value.length);
      checked(result, "setxattr " + name, path);
    }
  }

  @Override
  public void removeExtendedAttribute(Path path, String name) {
    try (var frame = new CallFrame()) {
      int result = Libc.lremovexattr(frame, frame.text(path), frame.text(name));
      if (result != -Errno.ENODATA) {
        checked(result, "removexattr " + name, path);
      }
    }
  }

  @Override
  public void makeNode(Path path, FileAttributes.Type type, int mode, int major, int minor) {
    int typeBits =
        switch (type) {
          case CHARACTER_DEVICE -> 0020000;
          case BLOCK_DEVICE -> 0060000;
          case NAMED_PIPE -> 0010000;
          case SOCKET -> 0140000;
          case FILE, DIRECTORY, SYMLINK -> throw new InvalidRequest("mknod cannot make a " + type);
        };
    try (var frame = new CallFrame()) {
      checked(
          Libc.mknod(frame, frame.text(path), typeBits | 0600, deviceNumber(major, minor)),
          "mknod",
          path);
    }
    setMode(path, mode);
  }

  /// gnu_dev_makedev(3).
  private static long deviceNumber(long major, long minor) {
    return ((major & 0xfffL) << 8)
        | ((major & ~0xfffL) << 32)
        | (minor & 0xffL)
        | ((minor & ~0xffL) << 12);
  }

  @Override
  public void makeHardLink(Path link, Path existing) {
    try (var frame = new CallFrame()) {
      checked(Libc.link(frame, frame.text(existing), frame.text(link)), "link", link);
    }
  }

  @Override
  public void copyContents(Path from, Path to) {
    contents.copy(from, to, blocking);
  }

  @Override
  public void rename(Path from, Path to) {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (NoSuchFileException absent) {
      throw new Errno(Errno.ENOENT).failure("rename", from);
    } catch (IOException failed) {
      throw new WrongState("rename " + from + " to " + to + ": " + reason(failed), failed);
    }
  }

  @Override
  public void sync(Path path) {
    boolean directory = Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
    try (FileChannel channel =
        FileChannel.open(path, directory ? StandardOpenOption.READ : StandardOpenOption.WRITE)) {
      channel.force(true);
    } catch (NoSuchFileException absent) {
      throw new Errno(Errno.ENOENT).failure("fsync", path);
    } catch (IOException failed) {
      throw new WrongState("fsync " + path + ": " + reason(failed), failed);
    }
  }

  @Override
  public void startWriteback(Path path, long offset, long bytes) {
    blocking(
        () -> {
          try (var frame = new CallFrame()) {
            int flags = Libc.O_RDONLY | Libc.O_NOFOLLOW | Libc.O_CLOEXEC;
            int descriptor = checked(Libc.open(frame, frame.text(path), flags, 0), "open", path);
            int result =
                Libc.syncFileRange(frame, descriptor, offset, bytes, Libc.SYNC_FILE_RANGE_WRITE);
            Libc.close(frame, descriptor);
            checked(result, "sync_file_range", path);
          }
        });
  }

  @Override
  public void syncFileSystem(Path path) {
    blocking(
        () -> {
          try (var frame = new CallFrame()) {
            int flags = Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_CLOEXEC;
            int descriptor = checked(Libc.open(frame, frame.text(path), flags, 0), "open", path);
            int result = Libc.syncfs(frame, descriptor);
            Libc.close(frame, descriptor);
            checked(result, "syncfs", path);
          }
        });
  }

  @Override
  public Path resolveInRoot(Path root, String path, LastLink last) {
    return RootResolution.resolve(this, root, path, last);
  }

  @Override
  public FileSystemSpace space(Path path) {
    java.io.File file = path.toFile();
    long total = file.getTotalSpace();
    if (total == 0 && !Files.exists(path)) {
      throw new Errno(Errno.ENOENT).failure("statfs", path);
    }
    return new FileSystemSpace(total, file.getFreeSpace());
  }

  @Override
  public void signal(long pid, int signal) {
    try (var frame = new CallFrame()) {
      int result = Libc.kill(frame, Math.toIntExact(pid), signal);
      if (result < 0) {
        throw new Errno(-result).failure("kill", "process " + pid);
      }
    }
  }

  @Override
  public Terminal openTerminal() {
    return LinuxTerminal.open(blocking);
  }

  @Override
  public IsolatedNetwork openNetwork(Path handle) {
    return LinuxNetwork.open(this, handle);
  }

  @Override
  public void makeNetwork(Path handle) {
    LinuxNetwork.make(this, handle);
  }

  @Override
  public void removeBridge(String name) {
    blocking(() -> LinuxNetwork.removeBridge(name));
  }

  private String linkText(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException failed) {
      throw new WrongState("readlink " + link + ": " + reason(failed), failed);
    }
  }

  @Override
  public Optional<Deflate> deflate() {
    return DeflateLibrary.FOUND;
  }

  /// Looked for when it is first asked for.
  private static final class DeflateLibrary {
    private static final Optional<Deflate> FOUND = Libdeflate.find();
  }

  private void blocking(Runnable call) {
    blocking.call(
        () -> {
          call.run();
          return Optional.<Void>empty();
        });
  }

  private static int checked(long result, String call, Path path) {
    if (result < 0) {
      throw new Errno((int) -result).failure(call, path);
    }
    return (int) result;
  }

  private static String reason(IOException failed) {
    return failed instanceof FileSystemException file && file.getReason() != null
        ? file.getReason()
        : String.valueOf(failed.getMessage());
  }
}
