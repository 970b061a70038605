package dev.slipway.client.command;

import dev.slipway.client.build.BuildSpec.Output;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.NotFound;
import dev.slipway.failure.WrongState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Files that tell of a result: `--iidfile`, `--metadata-file` (buildx, `commands/build.go`).
///
/// @param imageId gets the image's id; empty when the result is none
/// @param metadata gets the daemon's answers
record ResultFiles(Optional<Path> imageId, Optional<Path> metadata) {
  static ResultFiles of(Flags flags) {
    return new ResultFiles(path(flags, "iidfile"), path(flags, "metadata-file"));
  }

  private static Optional<Path> path(Flags flags, String name) {
    return flags.last(name).filter(text -> !text.isEmpty()).map(Path::of);
  }

  /// The id by which engines know the image: the digest of its config, or of its index when there
  /// are several platforms.
  static Optional<String> imageId(Map<String, String> response) {
    return Optional.ofNullable(response.get("containerimage.config.digest"))
        .or(() -> Optional.ofNullable(response.get("containerimage.digest")));
  }

  /// Refuses now what cannot be written when the build has ended, and removes the id that an
  /// earlier build wrote: it would be taken for this one's if this one fails.
  void prepare() {
    imageId.ifPresent(ResultFiles::requireDirectory);
    metadata.ifPresent(ResultFiles::requireDirectory);
    try {
      if (imageId.isPresent()) {
        Files.deleteIfExists(imageId.get());
      }
    } catch (IOException failure) {
      throw new WrongState("removing image ID file: " + failure.getMessage(), failure);
    }
  }

  private static void requireDirectory(Path file) {
    Path directory = file.toAbsolutePath().getParent();
    if (directory == null || !Files.isDirectory(directory)) {
      throw new NotFound(
          "invalid output path: stat "
              + (file.getParent() == null ? file : file.getParent())
              + ": no such file or directory");
    }
  }

  /// @throws InvalidRequest the id of an image is wanted of outputs that are none
  void requireFitting(List<Output> outputs) {
    if (imageId.isPresent()
        && outputs.stream().anyMatch(each -> List.of("local", "tar").contains(each.type()))) {
      throw new InvalidRequest("local and tar exporters are incompatible with image ID file");
    }
  }

  void write(Map<String, String> response) {
    metadata.ifPresent(file -> MetadataFile.write(file, response));
    try {
      if (imageId.isPresent()) {
        Files.writeString(imageId.get(), imageId(response).orElse(""));
      }
    } catch (IOException failure) {
      throw new WrongState("writing image ID file: " + failure.getMessage(), failure);
    }
  }
}
