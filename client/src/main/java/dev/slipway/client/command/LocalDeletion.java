package dev.slipway.client.command;

import dev.slipway.client.build.BuildSpec.Output;
import dev.slipway.client.session.OutputSinks.Sink;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.Unavailable;
import dev.slipway.fsutil.DirectoryTarget.Existing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Whether outputs may remove what is in their directories: anywhere below the working directory,
/// elsewhere only with `--allow buildx.local.delete` (buildx, `build/opt.go`).
final class LocalDeletion {
  /// Stands among the entitlements, but is the client's own.
  static final String ALLOWED = "buildx.local.delete";

  private LocalDeletion() {}

  /// @param allow what `--allow` was given for
  /// @param directory the working directory
  /// @throws InvalidRequest an output would remove what it may not
  static void check(List<Output> outputs, List<String> allow, Path directory) {
    for (Output output : outputs) {
      if (output.sink() instanceof Sink.ToDirectory(Path place, Existing existing)
          && existing == Existing.REMOVE
          && !allow.contains(ALLOWED)
          && !isBelow(directory, place)) {
        throw new InvalidRequest(
            "local output mode=delete for destination \""
                + place
                + "\" requires --allow="
                + ALLOWED);
      }
    }
  }

  private static boolean isBelow(Path directory, Path place) {
    Path above = real(directory);
    Path below = real(directory.resolve(place));
    return below.startsWith(above) && !below.equals(above);
  }

  /// Without links, as far as the path is there.
  private static Path real(Path path) {
    Path existing = path.toAbsolutePath().normalize();
    Path rest = Path.of("");
    while (!Files.exists(existing) && existing.getParent() != null) {
      rest = existing.getFileName().resolve(rest);
      existing = existing.getParent();
    }
    try {
      return existing.toRealPath().resolve(rest).normalize();
    } catch (IOException failure) {
      throw new Unavailable("cannot resolve " + path + ": " + failure.getMessage(), failure);
    }
  }
}
