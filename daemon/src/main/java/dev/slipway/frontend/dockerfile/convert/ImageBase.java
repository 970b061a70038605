package dev.slipway.frontend.dockerfile.convert;

import com.google.protobuf.ByteString;
import dev.slipway.frontend.dockerfile.graph.Output;
import dev.slipway.oci.Platform;
import java.util.Optional;

/// Images that contexts stand for.
public final class ImageBase {
  private ImageBase() {}

  /// The tree of an image with the surroundings its configuration sets.
  ///
  /// @param config JSON
  public static BuildState state(Output root, ByteString config) {
    ImageDraft image = ImageJson.read(config);
    BuildState state = BuildState.of(root);
    for (String entry : image.env) {
      int equals = entry.indexOf('=');
      if (equals != 0) {
        state =
            state.withVariable(
                equals < 0 ? entry : entry.substring(0, equals),
                equals < 0 ? "" : entry.substring(equals + 1));
      }
    }
    if (!image.workingDirectory.isEmpty()) {
      state = state.withDirectory(TargetPath.resolve("/", image.workingDirectory, image.os, false));
    }
    Optional<Platform> platform = image.platform();
    return platform.isPresent() ? state.withPlatform(platform.get()) : state;
  }
}
