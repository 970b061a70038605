package dev.slipway.frontend.gateway;

import dev.slipway.failure.WrongState;
import dev.slipway.frontend.gateway.GatewayContainers.SharedDirectory;
import dev.slipway.llb.Definition;
import dev.slipway.llb.LlbEncoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/// A directory that tells a frontend where its own image comes from, so that it can use the image
/// in what it builds (BuildKit's client library reads it for `CurrentFrontend`). Caller closes,
/// which removes it.
record FrontendMetadata(Path directory) implements AutoCloseable {
  private static final String DESTINATION = "/run/config/buildkit/metadata";
  private static final String FILE = "frontend.bin";

  /// @param parent directory in which one of its own is made, for the daemon's user only
  static FrontendMetadata write(Path parent, Definition image) {
    try {
      FrontendMetadata metadata = new FrontendMetadata(Files.createTempDirectory(parent, "meta"));
      try {
        Path file = metadata.directory.resolve(FILE);
        Files.write(file, LlbEncoder.encodeBytes(image).toByteArray());
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--------"));
        return metadata;
      } catch (IOException failed) {
        metadata.close();
        throw failed;
      }
    } catch (IOException failed) {
      throw new WrongState("cannot write a frontend's metadata in " + parent, failed);
    }
  }

  SharedDirectory shared() {
    return new SharedDirectory(DESTINATION, directory);
  }

  @Override
  public void close() {
    try {
      Files.deleteIfExists(directory.resolve(FILE));
      Files.deleteIfExists(directory);
    } catch (IOException failed) {
      throw new WrongState("cannot remove " + directory, failed);
    }
  }
}
