package dev.slipway.fsutil;

import com.google.protobuf.ByteString;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.Unavailable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/// Writes a received tree into a directory of the user who runs this: modes and times are kept,
/// owners are not; devices and pipes are left out. Links that are in the way are replaced, never
/// followed, so nothing is written outside.
public final class DirectoryTarget implements ReceiveTarget {
  private final Path root;
  private final Existing existing;
  private final List<Stat> directories = new ArrayList<>();
  private final Set<String> announced = new HashSet<>();

  public enum Existing {
    /// What is there and not announced stays.
    KEEP,
    /// What is there and not announced is removed.
    REMOVE
  }

  /// @param root an existing directory
  public DirectoryTarget(Path root, Existing existing) {
    this.root = root;
    this.existing = existing;
  }

  @Override
  public Wish entry(Stat stat) {
    if (existing == Existing.REMOVE) {
      announced.add(stat.path());
    }
    Path file = root.resolve(stat.path());
    return doing(
        "create " + stat.path(),
        () -> {
          if (stat.isDirectory()) {
            makeDirectory(file, stat);
            return Wish.NOTHING;
          }
          if (stat.isRegular() && !stat.isHardLink()) {
            remove(file);
            Files.createFile(file);
            return Wish.CONTENT;
          }
          if (stat.isSymlink()) {
            remove(file);
            Files.createSymbolicLink(file, Path.of(stat.linkName()));
            setTime(file, stat);
          } else if (stat.isHardLink() && stat.isRegular()) {
            Path first = root.resolve(stat.linkName());
            remove(file);
            Files.createLink(file, first);
          }
          return Wish.NOTHING;
        });
  }

  private void makeDirectory(Path file, Stat stat) throws IOException {
    if (!Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
      remove(file);
      Files.createDirectory(file);
    }
    setMode(file, FileMode.posixPermissions(stat.mode()) | 0700);
    directories.add(stat);
  }

  @Override
  public Content content(Stat stat) {
    Path file = root.resolve(stat.path());
    FileChannel channel =
        doing(
            "write " + stat.path(),
            () -> FileChannel.open(file, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS));
    return new FileContent(stat, file, channel);
  }

  @Override
  public void announced() {
    if (existing == Existing.REMOVE) {
      doing(
          "clean up " + root,
          () -> {
            removeOthers(root, "");
            return root;
          });
    }
  }

  private void removeOthers(Path directory, String path) throws IOException {
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      entries.forEach(files::add);
    }
    for (Path file : files) {
      String name = file.getFileName().toString();
      String inside = path.isEmpty() ? name : path + "/" + name;
      if (!announced.contains(inside)) {
        remove(file);
      } else if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
        removeOthers(file, inside);
      }
    }
  }

  @Override
  public void complete() {
    for (Stat stat : directories.reversed()) {
      Path file = root.resolve(stat.path());
      doing(
          "set attributes of " + stat.path(),
          () -> {
            setMode(file, FileMode.posixPermissions(stat.mode()));
            setTime(file, stat);
            return file;
          });
    }
  }

  private static void remove(Path file) throws IOException {
    if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
      List<Path> files = new ArrayList<>();
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(file)) {
        entries.forEach(files::add);
      }
      for (Path entry : files) {
        remove(entry);
      }
    }
    Files.deleteIfExists(file);
  }

  private static void setMode(Path file, int mode) throws IOException {
    Files.setAttribute(file, "unix:mode", mode, LinkOption.NOFOLLOW_LINKS);
  }

  private static void setTime(Path file, Stat stat) throws IOException {
    FileTime time = FileTime.from(stat.modifiedNanos(), TimeUnit.NANOSECONDS);
    Files.getFileAttributeView(file, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
        .setTimes(time, time, null);
  }

  private static final class FileContent implements Content {
    private final Stat stat;
    private final Path file;
    private final FileChannel channel;

    FileContent(Stat stat, Path file, FileChannel channel) {
      this.stat = stat;
      this.file = file;
      this.channel = channel;
    }

    @Override
    public void write(ByteString data) {
      doing(
          "write " + stat.path(),
          () -> {
            var bytes = data.asReadOnlyByteBuffer();
            while (bytes.hasRemaining()) {
              channel.write(bytes);
            }
            return stat;
          });
    }

    @Override
    public void finish() {
      close();
      doing(
          "set attributes of " + stat.path(),
          () -> {
            setMode(file, FileMode.posixPermissions(stat.mode()));
            setTime(file, stat);
            return stat;
          });
    }

    @Override
    public void close() {
      doing(
          "close " + stat.path(),
          () -> {
            channel.close();
            return stat;
          });
    }
  }

  @FunctionalInterface
  private interface Work<T> {
    T run() throws IOException;
  }

  private static <T> T doing(String what, Work<T> work) {
    try {
      return work.run();
    } catch (NoSuchFileException e) {
      throw new InvalidRequest("failed to " + what + ": no such file or directory", e);
    } catch (IOException e) {
      throw new Unavailable("failed to " + what + ": " + e.getMessage(), e);
    }
  }
}
