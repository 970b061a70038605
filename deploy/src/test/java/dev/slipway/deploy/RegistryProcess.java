package dev.slipway.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// Debian's `docker-registry` on a free loopback port, with its storage in a folder of the test.
final class RegistryProcess implements AutoCloseable {
  private static final int PORTS_TRIED = 5;

  private final Process process;
  private final int port;
  private final Path storage;

  private RegistryProcess(Process process, int port, Path storage) {
    this.process = process;
    this.port = port;
    this.storage = storage;
  }

  /// An open registry. The caller closes it.
  static RegistryProcess start(Distribution distribution, Path folder) {
    return start(distribution, folder, RegistryDoor.OPEN);
  }

  /// The caller closes it.
  static RegistryProcess start(Distribution distribution, Path folder, RegistryDoor door) {
    for (int attempt = 1; ; attempt++) {
      try {
        return startOn(freePort(), distribution, folder, door);
      } catch (AssertionError e) {
        // Between asking for a free port and using it another process may take it.
        if (attempt == PORTS_TRIED) {
          throw e;
        }
      }
    }
  }

  private static RegistryProcess startOn(
      int port, Distribution distribution, Path folder, RegistryDoor door) {
    try {
      Files.createDirectories(folder);
      Path storage = folder.resolve("storage");
      Path config =
          Files.writeString(
              folder.resolve("registry.yml"),
              """
              version: 0.1
              log: {level: warn, accesslog: {disabled: true}}
              storage: {filesystem: {rootdirectory: %s}, delete: {enabled: true}}
              http: {addr: "127.0.0.1:%d", tls: {%s}}
              auth: {%s}
              """
                  .formatted(storage, port, door.tls(), door.auth(folder)));
      Process process =
          new ProcessBuilder(
                  List.of(
                      distribution.program("docker-registry").toString(),
                      "serve",
                      config.toString()))
              .directory(folder.toFile())
              .redirectErrorStream(true)
              .redirectOutput(
                  ProcessBuilder.Redirect.appendTo(folder.resolve("registry.log").toFile()))
              .start();
      try {
        Await.until("the registry listens", Duration.ofMinutes(3), () -> listens(process, port));
      } catch (AssertionError e) {
        process.destroyForcibly();
        throw e;
      }
      return new RegistryProcess(process, port, storage);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean listens(Process process, int port) {
    if (!process.isAlive()) {
      throw new AssertionError("the registry ended with " + process.exitValue());
    }
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// `127.0.0.1:port`, as it stands in references.
  String host() {
    return "127.0.0.1:" + port;
  }

  /// The file that holds a blob.
  ///
  /// @param digest `sha256:<64 hex>`
  Path blobFile(String digest) {
    String hex = digest.substring("sha256:".length());
    return storage.resolve(
        "docker/registry/v2/blobs/sha256/" + hex.substring(0, 2) + "/" + hex + "/data");
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
