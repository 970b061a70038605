package dev.slipway.rpc;

import dev.slipway.failure.AlreadyExists;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Denied;
import dev.slipway.failure.WrongState;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.OptionalInt;

/// The file of a unix socket while it is being made: bound in a directory that only we can enter,
/// given its mode and owner there, then moved to its place. So nobody can connect before the
/// permissions are right, and a stale file of a daemon that died is replaced. Confined to the
/// thread that starts the listener.
final class UnixSocketFile {
  private static final String MODE = "rw-rw----";

  private final Path path;
  private final Path directory;

  private UnixSocketFile(Path path, Path directory) {
    this.path = path;
    this.directory = directory;
  }

  /// @param uid owner of the socket; empty: this process's
  /// @param gid group of the socket; empty: this process's
  record Owner(OptionalInt uid, OptionalInt gid) {}

  /// Makes the directories.
  ///
  /// @throws AlreadyExists somebody listens at the path already, or it is not a socket
  static UnixSocketFile prepare(Path path) {
    refuseIfAlive(path);
    try {
      Path parent = path.toAbsolutePath().getParent();
      Files.createDirectories(parent);
      Path directory =
          Files.createTempDirectory(
              parent,
              ".s",
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      return new UnixSocketFile(path, directory);
    } catch (IOException failed) {
      throw failure(path, failed);
    }
  }

  /// Where to bind.
  Path bindPath() {
    return directory.resolve("s");
  }

  /// Sets mode and owner and moves the bound socket to its place.
  void publish(Owner owner) {
    Path bound = bindPath();
    try {
      Files.setPosixFilePermissions(bound, PosixFilePermissions.fromString(MODE));
      if (owner.uid().isPresent()) {
        Files.setAttribute(bound, "unix:uid", owner.uid().getAsInt(), LinkOption.NOFOLLOW_LINKS);
      }
      if (owner.gid().isPresent()) {
        Files.setAttribute(bound, "unix:gid", owner.gid().getAsInt(), LinkOption.NOFOLLOW_LINKS);
      }
      Files.move(bound, path, StandardCopyOption.ATOMIC_MOVE);
      Files.delete(directory);
    } catch (IOException failed) {
      discard(failed);
      throw failure(path, failed);
    }
  }

  /// Takes away what was made.
  void discard() throws IOException {
    Files.deleteIfExists(bindPath());
    Files.deleteIfExists(directory);
  }

  /// Takes away what was made, after a failure to bind.
  void discard(Throwable reason) {
    try {
      discard();
    } catch (IOException also) {
      reason.addSuppressed(also);
    }
  }

  private static void refuseIfAlive(Path path) {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    if (Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)
        || Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
      throw new AlreadyExists(
          "cannot listen on unix://" + path + ": it exists and is not a socket");
    }
    try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      probe.connect(UnixDomainSocketAddress.of(path));
      throw new AlreadyExists("cannot listen on unix://" + path + ": another process does");
    } catch (IOException stale) {
      // Nobody accepts: left behind by a process that died.
      return;
    }
  }

  private static BuildFailure failure(Path path, IOException failed) {
    String text = "cannot listen on unix://" + path + ": " + failed;
    return failed instanceof AccessDeniedException
        ? new Denied(text, failed)
        : new WrongState(text, failed);
  }
}
