package dev.slipway.hostile;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.TreeMap;

/// A folder that may change, three levels deep in folders that must not. Confined to one thread.
public final class Fence {
  private static final String SECRET = "secret";

  private final Path around;
  private final Path inside;
  private final Map<String, String> before;

  private Fence(Path around, Path inside) {
    this.around = around;
    this.inside = inside;
    this.before = lookAround();
  }

  /// Puts one up in the folder for temporary files, where it stays until the JVM ends.
  public static Fence put(String name) {
    try {
      Path around = Files.createTempDirectory("slipway-" + name);
      Path inside = around;
      for (String level : new String[] {"a", "b", "inside"}) {
        Files.writeString(inside.resolve(SECRET), "untouched");
        Files.createDirectory(inside.resolve("d"));
        inside = Files.createDirectory(inside.resolve(level));
      }
      Fence fence = new Fence(around, inside);
      Runtime.getRuntime().addShutdownHook(new Thread(fence::remove));
      return fence;
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  /// The folder that may change.
  public Path inside() {
    return inside;
  }

  /// Everything around, folders included.
  public Path around() {
    return around;
  }

  /// Empties the inside and says what has changed outside.
  ///
  /// @throws AssertionError something outside is not as it was
  public void check() {
    Map<String, String> now = lookAround();
    remove(inside, Keep.THE_FOLDER);
    if (!now.equals(before)) {
      throw new AssertionError("outside was " + before + ", is " + now);
    }
  }

  private void remove() {
    remove(around, Keep.NOTHING);
  }

  private Map<String, String> lookAround() {
    Map<String, String> seen = new TreeMap<>();
    try {
      Files.walkFileTree(
          around,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes attributes)
                throws IOException {
              if (path.equals(inside)) {
                return FileVisitResult.SKIP_SUBTREE;
              }
              seen.put(path.toString(), look(path, ""));
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path path, BasicFileAttributes attributes)
                throws IOException {
              seen.put(
                  path.toString(),
                  look(path, attributes.isRegularFile() ? Files.readString(path) : "no file"));
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
    return seen;
  }

  private static String look(Path path, String content) throws IOException {
    Map<String, Object> attributes =
        Files.readAttributes(path, "unix:mode,uid,gid,nlink", LinkOption.NOFOLLOW_LINKS);
    return new TreeMap<>(attributes) + content;
  }

  private enum Keep {
    THE_FOLDER,
    NOTHING
  }

  private static void remove(Path folder, Keep keep) {
    try {
      Files.walkFileTree(
          folder,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes attributes)
                throws IOException {
              Files.setAttribute(path, "unix:mode", 0755);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path path, BasicFileAttributes attributes)
                throws IOException {
              Files.delete(path);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path path, IOException failed)
                throws IOException {
              if (keep == Keep.NOTHING || !path.equals(folder)) {
                Files.delete(path);
              }
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }
}
