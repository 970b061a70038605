package dev.slipway.app;

import dev.slipway.config.DaemonConfig;
import dev.slipway.failure.Unavailable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Folders of the daemon's root that rooms are given.
final class RootFolder {
  private RootFolder() {}

  /// The folder of that name, made if it is not there.
  static Path make(DaemonConfig config, String name) {
    Path folder = config.root().resolve(name);
    try {
      return Files.createDirectories(folder);
    } catch (IOException failure) {
      throw new Unavailable("cannot make " + folder + ": " + failure.getMessage(), failure);
    }
  }
}
