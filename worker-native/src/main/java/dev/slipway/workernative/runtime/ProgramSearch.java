package dev.slipway.workernative.runtime;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// Finds programs where those that this process starts would be found: on its `PATH`, then in the
/// system directories a service often lacks.
public final class ProgramSearch {
  private static final String SYSTEM =
      "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private ProgramSearch() {}

  /// @param name a file name, or a path that is only checked
  public static Optional<Path> find(String name) {
    if (name.contains("/")) {
      return Optional.of(Path.of(name)).filter(ProgramSearch::isProgram);
    }
    String path = new ProcessBuilder().environment().getOrDefault("PATH", "") + ":" + SYSTEM;
    for (String directory : path.split(":")) {
      Path candidate = Path.of(directory.isEmpty() ? "." : directory, name);
      if (directory.startsWith("/") && isProgram(candidate)) {
        return Optional.of(candidate);
      }
    }
    return Optional.empty();
  }

  private static boolean isProgram(Path file) {
    return Files.isRegularFile(file) && Files.isExecutable(file);
  }
}
