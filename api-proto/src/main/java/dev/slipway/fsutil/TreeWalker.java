package dev.slipway.fsutil;

import dev.slipway.failure.Denied;
import dev.slipway.failure.Unavailable;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// Walks a real directory in order, without following links. What vanishes meanwhile is left out.
/// Used once, confined to one thread.
final class TreeWalker {
  private static final String ATTRIBUTES =
      "unix:mode,ino,dev,nlink,uid,gid,rdev,size,lastModifiedTime";

  private final Path root;
  private final ExtendedAttributes extendedAttributes;

  /// The first path of each file with several names, among the entries whose [Entry#stat()] was
  /// asked for.
  private final Map<String, String> firstNames = new HashMap<>();

  TreeWalker(Path root, ExtendedAttributes extendedAttributes) {
    this.root = root;
    this.extendedAttributes = extendedAttributes;
  }

  enum Visit {
    /// Not part, nor is what is in it.
    LEAVE_OUT,
    /// Not part, but what is in it may be.
    LOOK_INSIDE,
    TAKE
  }

  @FunctionalInterface
  interface Visitor {
    Visit visit(Entry entry);
  }

  void walk(Visitor visitor) {
    walk(root, "", visitor, true);
  }

  private void walk(Path directory, String path, Visitor visitor, boolean taken) {
    for (String name : names(directory, path, taken)) {
      Path file = directory.resolve(name);
      Optional<Map<String, Object>> attributes = attributes(file);
      if (attributes.isPresent()) {
        Entry entry = new Entry(path.isEmpty() ? name : path + "/" + name, file, attributes.get());
        Visit visit = visitor.visit(entry);
        if (entry.isDirectory() && visit != Visit.LEAVE_OUT) {
          walk(file, entry.path(), visitor, visit == Visit.TAKE);
        }
      }
    }
  }

  private static List<String> names(Path directory, String path, boolean taken) {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      files.forEach(file -> names.add(file.getFileName().toString()));
    } catch (NoSuchFileException | NotDirectoryException _) {
      return List.of();
    } catch (AccessDeniedException e) {
      if (taken) {
        throw new Denied("open " + path + ": permission denied", e);
      }
      return List.of();
    } catch (IOException | DirectoryIteratorException e) {
      throw new Unavailable("failed to read directory " + path + ": " + e.getMessage(), e);
    }
    names.sort(TreePaths.ORDER);
    return names;
  }

  private static Optional<Map<String, Object>> attributes(Path file) {
    try {
      return Optional.of(Files.readAttributes(file, ATTRIBUTES, LinkOption.NOFOLLOW_LINKS));
    } catch (IOException _) {
      return Optional.empty();
    }
  }

  /// One entry; its [Stat] is made when asked for.
  final class Entry {
    private final String path;
    private final Path file;
    private final Map<String, Object> attributes;
    private final int mode;

    private Entry(String path, Path file, Map<String, Object> attributes) {
      this.path = path;
      this.file = file;
      this.attributes = attributes;
      this.mode = FileMode.ofPosix((int) number("mode"));
    }

    String path() {
      return path;
    }

    boolean isDirectory() {
      return (mode & FileMode.DIRECTORY) != 0;
    }

    Stat stat() {
      boolean symlink = (mode & FileMode.SYMLINK) != 0;
      String first = symlink || isDirectory() ? path : firstName();
      boolean hardLink = !first.equals(path);
      long device = number("rdev");
      boolean special = (mode & FileMode.DEVICE) != 0;
      return new Stat(
          path,
          mode & ~FileMode.SOCKET,
          Integer.toUnsignedLong((int) number("uid")),
          Integer.toUnsignedLong((int) number("gid")),
          isDirectory() || hardLink ? 0 : number("size"),
          modifiedNanos(),
          symlink ? linkText() : hardLink ? first : "",
          special ? (device >> 8) & 0xfff : 0,
          special ? (device & 0xff) | ((device >> 12) & 0xfff00) : 0,
          extendedAttributes.read(file));
    }

    private String firstName() {
      if (number("nlink") < 2) {
        return path;
      }
      String first = firstNames.putIfAbsent(number("dev") + ":" + number("ino"), path);
      return first == null ? path : first;
    }

    private long modifiedNanos() {
      return attributes.get("lastModifiedTime") instanceof FileTime time
          ? time.to(TimeUnit.NANOSECONDS)
          : 0;
    }

    private long number(String name) {
      return attributes.get(name) instanceof Number number ? number.longValue() : 0;
    }

    private String linkText() {
      try {
        return Files.readSymbolicLink(file).toString();
      } catch (IOException e) {
        throw new Unavailable("failed to read link " + path + ": " + e.getMessage(), e);
      }
    }
  }
}
