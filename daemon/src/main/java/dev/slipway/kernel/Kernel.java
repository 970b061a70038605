package dev.slipway.kernel;

import dev.slipway.failure.NotFound;
import dev.slipway.failure.Unsupported;
import dev.slipway.snapshot.Mount;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// The kernel, as far as the daemon needs it. All paths are host paths; nothing follows a symbolic
/// link in the last component.
///
/// Failures: ENOENT is `NotFound`, EEXIST `AlreadyExists`, EPERM/EACCES `Denied`,
/// ENOSPC/EDQUOT/ENOMEM `Exhausted`, ENOSYS/EOPNOTSUPP `Unsupported`, all else `WrongState`; each
/// names the call, the path and the errno.
public interface Kernel {
  /// Mounts on an existing directory (or file, for binds). On return it is visible; on failure
  /// nothing is mounted.
  void mount(Mount mount, Path target);

  /// Unmounts the topmost mount at the target; not being mounted is fine.
  void unmount(Path target);

  /// Mounts what the path names inside the root (resolved as by [#resolveInRoot], following links),
  /// in one step that nobody who changes the tree meanwhile can lead outside.
  ///
  /// @param target an existing directory, or file when the path names a file
  void mountInside(Path root, String path, boolean readOnly, Path target);

  /// Attributes of the entry itself.
  FileAttributes attributes(Path path);

  /// As [#attributes], but nothing when there is no such entry: asking costs no failure then.
  default Optional<FileAttributes> find(Path path) {
    try {
      return Optional.of(attributes(path));
    } catch (NotFound absent) {
      return Optional.empty();
    }
  }

  void setOwner(Path path, int uid, int gid);

  /// @param mode permission bits and setuid/setgid/sticky (octal 07777); no effect on symbolic
  ///   links
  void setMode(Path path, int mode);

  /// @param nanos since the epoch, may be negative
  void setModifiedTime(Path path, long nanos);

  /// Extended attributes by full name (`user.x`, `security.capability`, `trusted.overlay.opaque`).
  Map<String, byte[]> extendedAttributes(Path path);

  Optional<byte[]> extendedAttribute(Path path, String name);

  void setExtendedAttribute(Path path, String name, byte[] value);

  void removeExtendedAttribute(Path path, String name);

  /// Makes a device node, named pipe or socket.
  void makeNode(Path path, FileAttributes.Type type, int mode, int major, int minor);

  void makeHardLink(Path link, Path existing);

  /// Copies the bytes of a regular file by the cheapest way there is (reflink, copy_file_range,
  /// read and write), holes kept. The target is made (mode 0600) when absent and emptied when
  /// present; its other attributes are not touched.
  void copyContents(Path from, Path to);

  /// Renames within one file system, replacing atomically.
  void rename(Path from, Path to);

  /// Flushes a file or directory to disk.
  void sync(Path path);

  /// Has the disk begin with part of a regular file, and does not wait for it: the flush of a large
  /// file that is still being written is short then. Promises nothing about what is on disk.
  default void startWriteback(Path path, long offset, long bytes) {}

  /// Flushes the whole file system that holds the path.
  void syncFileSystem(Path path);

  /// Resolves the path inside the root as if the root were `/`: links are followed but never lead
  /// outside (openat2 RESOLVE_IN_ROOT where present). Missing trailing components are allowed and
  /// appended as they are.
  ///
  /// @param path relative or absolute, inside the root
  /// @param last whether a link in the last component is followed
  /// @return host path below root, whose existing parents are real directories at the time of the
  ///   call
  Path resolveInRoot(Path root, String path, LastLink last);

  enum LastLink {
    FOLLOW,
    KEEP
  }

  /// The host's library for DEFLATE, where it has one that is better than the Java runtime's.
  default Optional<Deflate> deflate() {
    return Optional.empty();
  }

  /// Sends a signal to a process of ours.
  ///
  /// @param signal number, as in signal(7)
  void signal(long pid, int signal);

  /// Opens a new pseudo terminal (pty(7)) and gives the side from which it is steered. Caller
  /// closes.
  default Terminal openTerminal() {
    throw new Unsupported("this kernel has no terminals");
  }

  /// The steering side of a pseudo terminal. Thread-safe.
  interface Terminal extends AutoCloseable {
    /// What a process opens to be on the terminal.
    Path device();

    /// Blocks until there is something.
    ///
    /// @return how many bytes were read; negative when nobody is on the terminal any more
    int read(byte[] buffer);

    void write(byte[] bytes, int length);

    void resize(int rows, int columns);

    @Override
    void close();
  }

  /// Makes a network with nothing in it but the loopback device, and a listener there. Caller
  /// closes.
  ///
  /// @param handle file that names the network to a container runtime; absent before, gone when the
  ///   network is closed
  default IsolatedNetwork openNetwork(Path handle) {
    throw new Unsupported("this kernel has no isolated networks");
  }

  /// Makes a network with nothing in it but the loopback device. It lasts until the handle is
  /// unmounted and nobody is in it any more.
  ///
  /// @param handle file that names the network to programs; absent before, and a mount point after
  default void makeNetwork(Path handle) {
    throw new Unsupported("this kernel has no isolated networks");
  }

  /// Removes a bridge device from the host's network, whatever is connected to it.
  ///
  /// @throws dev.slipway.failure.BuildFailure when there is none of that name
  default void removeBridge(String name) {
    throw new Unsupported("this kernel has no bridges");
  }

  /// A network that only those can enter who are given its handle. It ends when it is closed and
  /// nobody is in it any more.
  interface IsolatedNetwork extends AutoCloseable {
    Path handle();

    /// Listens on a free port of the loopback device.
    ServerSocketChannel listener();

    @Override
    void close();
  }

  /// Numbers of the file system holding the path.
  FileSystemSpace space(Path path);

  /// @param totalBytes size of the file system
  /// @param freeBytes what root may still write
  record FileSystemSpace(long totalBytes, long freeBytes) {}
}
