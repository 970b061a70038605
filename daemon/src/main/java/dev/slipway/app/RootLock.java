package dev.slipway.app;

import dev.slipway.failure.Conflict;
import dev.slipway.failure.WrongState;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/// Keeps a second daemon off a state directory, by a lock on `<root>/buildkitd.lock` that the
/// kernel gives up when this process ends, however it ends.
final class RootLock implements AutoCloseable {
  private final FileChannel file;
  private final FileLock lock;

  private RootLock(FileChannel file, FileLock lock) {
    this.file = file;
    this.lock = lock;
  }

  /// Makes the directory when it is missing. Caller closes.
  ///
  /// @throws Conflict another daemon has it
  static RootLock take(Path root) {
    Path path = root.resolve("buildkitd.lock");
    try {
      Files.createDirectories(
          root, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      FileChannel file =
          FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      FileLock lock = tryLock(file);
      if (lock == null) {
        file.close();
        throw new Conflict("could not lock " + path + ", another instance running?");
      }
      return new RootLock(file, lock);
    } catch (IOException failed) {
      throw new WrongState(
          "cannot use the state directory " + root + ": " + failed.getMessage(), failed);
    }
  }

  @org.jspecify.annotations.Nullable
  private static FileLock tryLock(FileChannel file) throws IOException {
    try {
      return file.tryLock();
    } catch (OverlappingFileLockException ours) {
      return null;
    }
  }

  @Override
  public void close() throws IOException {
    lock.release();
    file.close();
  }
}
