package dev.slipway.op.file;

import dev.slipway.failure.AlreadyExists;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Denied;
import dev.slipway.failure.Exhausted;
import dev.slipway.failure.NotFound;
import dev.slipway.failure.WrongState;
import dev.slipway.kernel.FileAttributes;
import dev.slipway.kernel.Kernel;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/// The JDK's file calls with failures in the kernel's words: `mkdir /a/b: no such file or
/// directory`.
record FileCalls(Kernel kernel) {
  /// Of a path below some root, which therefore has one.
  static Path parent(Path path) {
    return Objects.requireNonNull(path.getParent());
  }

  Optional<FileAttributes> find(Path path) {
    return kernel.find(path);
  }

  void makeDirectory(Path path, int mode) {
    attempt("mkdir " + path, () -> Files.createDirectory(path));
    kernel.setMode(path, mode); // creation is subject to the daemon's umask
  }

  void makeSymlink(Path path, String target) {
    attempt(
        "symlink " + target + " " + path, () -> Files.createSymbolicLink(path, Path.of(target)));
  }

  void write(Path path, byte[] bytes) {
    attempt("open " + path, () -> Files.write(path, bytes));
  }

  Path linkTarget(Path path) {
    return attempt("readlink " + path, () -> Files.readSymbolicLink(path));
  }

  void remove(Path path) {
    attempt("remove " + path, () -> Files.deleteIfExists(path));
  }

  /// Children in the order of their names' bytes.
  List<Path> children(Path directory) {
    return attempt(
        "open " + directory,
        () -> {
          List<Path> children = new ArrayList<>();
          try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
            stream.forEach(children::add);
          }
          children.sort(null);
          return children;
        });
  }

  /// Removes the entry and everything below it. Absent is fine.
  void removeAll(Path path) {
    Optional<FileAttributes> found = find(path);
    if (found.isEmpty()) {
      return;
    }
    if (found.get().isDirectory()) {
      children(path).forEach(this::removeAll);
    }
    remove(path);
  }

  @FunctionalInterface
  interface Call<T> {
    T run() throws IOException;
  }

  /// @param what the call and its path, for the message
  static <T> T attempt(String what, Call<T> call) {
    try {
      return call.run();
    } catch (IOException failed) {
      throw failure(what, failed);
    }
  }

  private static BuildFailure failure(String what, IOException failed) {
    return switch (failed) {
      case NoSuchFileException _ -> new NotFound(what + ": no such file or directory", failed);
      case FileAlreadyExistsException _ -> new AlreadyExists(what + ": file exists", failed);
      case AccessDeniedException _ -> new Denied(what + ": permission denied", failed);
      case DirectoryNotEmptyException _ -> new WrongState(what + ": directory not empty", failed);
      case NotDirectoryException _ -> new WrongState(what + ": not a directory", failed);
      default -> {
        String reason =
            failed instanceof FileSystemException file && file.getReason() != null
                ? file.getReason()
                : String.valueOf(failed.getMessage());
        String message = what + ": " + reason.toLowerCase(Locale.ROOT);
        yield message.endsWith("no space left on device") || message.endsWith("quota exceeded")
            ? new Exhausted(message, failed)
            : new WrongState(message, failed);
      }
    };
  }
}
