package dev.slipway.layer.testing;

import dev.slipway.failure.AlreadyExists;
import dev.slipway.failure.NotFound;
import dev.slipway.failure.Unsupported;
import dev.slipway.failure.WrongState;
import dev.slipway.kernel.FileAttributes;
import dev.slipway.kernel.Kernel;
import dev.slipway.snapshot.Mount;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/// A kernel for ordinary users: files, links and times are real; owners, modes, device nodes and
/// extended attributes are remembered by inode, a node being an empty file on disk. Nothing is
/// mounted. Thread-safe.
public final class UnprivilegedKernel implements Kernel {
  private final Map<Object, Remembered> remembered = new ConcurrentHashMap<>();
  private final Set<String> refusedAttributes;

  public UnprivilegedKernel() {
    this(Set.of());
  }

  private UnprivilegedKernel(Set<String> refusedAttributes) {
    this.refusedAttributes = refusedAttributes;
  }

  /// One whose file systems do not take these extended attributes.
  public static UnprivilegedKernel refusing(String... attributes) {
    return new UnprivilegedKernel(Set.of(attributes));
  }

  @Override
  public void mount(Mount mount, Path target) {
    throw new Unsupported("this kernel mounts nothing");
  }

  @Override
  public void unmount(Path target) {}

  /// The handle is there, and names nothing.
  @Override
  public void makeNetwork(Path handle) {
    try {
      Files.createFile(handle);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  @Override
  public void mountInside(Path root, String path, boolean readOnly, Path target) {
    throw new Unsupported("this kernel mounts nothing");
  }

  @Override
  public void syncFileSystem(Path path) {}

  @Override
  public void signal(long pid, int signal) {
    throw new Unsupported("this kernel has no processes");
  }

  @Override
  public FileAttributes attributes(Path path) {
    Map<String, Object> unix = unix(path);
    Remembered known = known(unix);
    int mode = (int) unix.get("mode");
    FileAttributes.Type type = known.node.map(Node::type).orElse(typeOf(mode));
    FileTime time = (FileTime) unix.get("lastModifiedTime");
    return new FileAttributes(
        type,
        known.mode.orElse(mode & 07777),
        known.uid,
        known.gid,
        (long) unix.get("size"),
        time.to(TimeUnit.NANOSECONDS),
        (int) unix.get("nlink"),
        (long) unix.get("dev"),
        (long) unix.get("ino"),
        known.node.map(Node::major).orElse(0),
        known.node.map(Node::minor).orElse(0),
        ((long) unix.get("size") + 511) / 512);
  }

  @Override
  public void setOwner(Path path, int uid, int gid) {
    update(path, old -> new Remembered(uid, gid, old.mode, old.node, old.attributes));
  }

  @Override
  public void setMode(Path path, int mode) {
    update(
        path, old -> new Remembered(old.uid, old.gid, Optional.of(mode), old.node, old.attributes));
  }

  @Override
  public void setModifiedTime(Path path, long nanos) {
    try {
      Files.getFileAttributeView(
              path, java.nio.file.attribute.BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
          .setTimes(FileTime.from(nanos, TimeUnit.NANOSECONDS), null, null);
    } catch (IOException failed) {
      if (!Files.isSymbolicLink(path)) {
        throw new UncheckedIOException(failed);
      }
    }
  }

  @Override
  public Map<String, byte[]> extendedAttributes(Path path) {
    return known(unix(path)).attributes;
  }

  @Override
  public Optional<byte[]> extendedAttribute(Path path, String name) {
    return Optional.ofNullable(extendedAttributes(path).get(name));
  }

  @Override
  public void setExtendedAttribute(Path path, String name, byte[] value) {
    if (refusedAttributes.contains(name)) {
      throw new Unsupported("setxattr " + name + " " + path + ": operation not supported");
    }
    update(
        path,
        old -> {
          Map<String, byte[]> more = new TreeMap<>(old.attributes);
          more.put(name, value.clone());
          return new Remembered(old.uid, old.gid, old.mode, old.node, more);
        });
  }

  @Override
  public void removeExtendedAttribute(Path path, String name) {
    update(
        path,
        old -> {
          Map<String, byte[]> fewer = new TreeMap<>(old.attributes);
          fewer.remove(name);
          return new Remembered(old.uid, old.gid, old.mode, old.node, fewer);
        });
  }

  @Override
  public void makeNode(Path path, FileAttributes.Type type, int mode, int major, int minor) {
    try {
      Files.createFile(path);
    } catch (FileAlreadyExistsException exists) {
      throw new AlreadyExists("mknod " + path, exists);
    } catch (IOException failed) {
      throw new WrongState("mknod " + path + ": " + failed.getMessage(), failed);
    }
    update(
        path,
        old ->
            new Remembered(
                0,
                0,
                Optional.of(mode),
                Optional.of(new Node(type, major, minor)),
                old.attributes));
  }

  @Override
  public void makeHardLink(Path link, Path existing) {
    try {
      Files.createLink(link, existing);
    } catch (NoSuchFileException missing) {
      throw new NotFound("link " + existing, missing);
    } catch (IOException failed) {
      throw new WrongState("link " + existing + ": " + failed.getMessage(), failed);
    }
  }

  @Override
  public void copyContents(Path from, Path to) {
    try {
      Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException failed) {
      throw new WrongState("copy " + from + ": " + failed.getMessage(), failed);
    }
  }

  @Override
  public void rename(Path from, Path to) {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException failed) {
      throw new WrongState("rename " + from + ": " + failed.getMessage(), failed);
    }
  }

  @Override
  public void sync(Path path) {}

  @Override
  public Path resolveInRoot(Path root, String path, LastLink last) {
    Path current = root;
    Deque<String> rest = new ArrayDeque<>();
    Path.of(path).forEach(part -> rest.add(part.toString()));
    for (int links = 0; !rest.isEmpty(); ) {
      String part = rest.remove();
      if (part.isEmpty() || part.equals(".")) {
        continue;
      }
      if (part.equals("..")) {
        current =
            current.equals(root) ? root : Optional.ofNullable(current.getParent()).orElse(root);
        continue;
      }
      Path next = current.resolve(part);
      if (Files.isSymbolicLink(next) && (!rest.isEmpty() || last == LastLink.FOLLOW)) {
        if (++links > 255) {
          throw new WrongState("too many links: " + path);
        }
        Path target = readLink(next);
        if (target.isAbsolute()) {
          current = root;
        }
        for (int i = target.getNameCount() - 1; i >= 0; i--) {
          rest.push(target.getName(i).toString());
        }
        continue;
      }
      current = next;
    }
    return current;
  }

  @Override
  public FileSystemSpace space(Path path) {
    try {
      var store = Files.getFileStore(path);
      return new FileSystemSpace(store.getTotalSpace(), store.getUsableSpace());
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private static Path readLink(Path link) {
    try {
      return Files.readSymbolicLink(link);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private static Map<String, Object> unix(Path path) {
    try {
      return Files.readAttributes(
          path,
          "unix:mode,ino,dev,nlink,size,lastModifiedTime,creationTime",
          LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException missing) {
      throw new NotFound("lstat " + path, missing);
    } catch (IOException failed) {
      throw new WrongState("lstat " + path + ": " + failed.getMessage(), failed);
    }
  }

  private Remembered known(Map<String, Object> unix) {
    return remembered.getOrDefault(key(unix), Remembered.NOTHING);
  }

  private void update(Path path, java.util.function.UnaryOperator<Remembered> change) {
    remembered.compute(
        key(unix(path)), (_, old) -> change.apply(old == null ? Remembered.NOTHING : old));
  }

  /// Inode numbers are used again after a file is deleted; the time of birth tells the new one from
  /// the old.
  private static Object key(Map<String, Object> unix) {
    return unix.get("dev") + ":" + unix.get("ino") + ":" + unix.get("creationTime");
  }

  private static FileAttributes.Type typeOf(int mode) {
    return switch (mode & 0170000) {
      case 0040000 -> FileAttributes.Type.DIRECTORY;
      case 0120000 -> FileAttributes.Type.SYMLINK;
      case 0020000 -> FileAttributes.Type.CHARACTER_DEVICE;
      case 0060000 -> FileAttributes.Type.BLOCK_DEVICE;
      case 0010000 -> FileAttributes.Type.NAMED_PIPE;
      case 0140000 -> FileAttributes.Type.SOCKET;
      default -> FileAttributes.Type.FILE;
    };
  }

  private record Node(FileAttributes.Type type, int major, int minor) {}

  private record Remembered(
      int uid,
      int gid,
      Optional<Integer> mode,
      Optional<Node> node,
      Map<String, byte[]> attributes) {
    static final Remembered NOTHING =
        new Remembered(0, 0, Optional.empty(), Optional.empty(), new HashMap<>());
  }
}
