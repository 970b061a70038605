package dev.slipway.frontend.dockerfile;

import dev.slipway.failure.NotFound;
import dev.slipway.frontend.FrontendBridge;
import dev.slipway.frontend.FrontendRef;
import dev.slipway.frontend.FrontendRef.ByteRange;
import dev.slipway.frontend.dockerfile.graph.DefinitionWriter;
import dev.slipway.frontend.dockerfile.graph.Output;
import dev.slipway.frontend.dockerfile.parser.DockerfileParser;
import dev.slipway.frontend.dockerfile.source.DockerfileError;
import dev.slipway.llb.Definition;
import dev.slipway.oci.Platform;
import java.util.Optional;

/// Solves what the frontend itself needs to read. Thread-safe, as the bridge is.
final class Solving {
  private static final long LONGEST_FILE = DockerfileParser.LONGEST_FILE;

  private final FrontendBridge bridge;
  private final Platform platform;

  /// @param platform of sources that depend on one
  Solving(FrontendBridge bridge, Platform platform) {
    this.bridge = bridge;
    this.platform = platform;
  }

  Definition definition(Output output) {
    return definition(Optional.of(output));
  }

  /// @param output empty for an empty tree
  Definition definition(Optional<Output> output) {
    return new DefinitionWriter(platform, Optional.empty()).write(output);
  }

  Optional<FrontendRef> solve(Output output) {
    return bridge.solve(definition(output));
  }

  /// The content of a file.
  ///
  /// @throws NotFound no such file
  static byte[] read(Optional<FrontendRef> tree, String path) {
    byte[] content =
        tree.orElseThrow(() -> new NotFound("open " + path + ": no such file or directory"))
            .readFile(path, Optional.of(new ByteRange(0, LONGEST_FILE + 1)));
    if (content.length > LONGEST_FILE) {
      throw new DockerfileError(path + " is longer than " + LONGEST_FILE + " bytes");
    }
    return content;
  }

  /// The content of a file, empty when there is none.
  static Optional<byte[]> find(Optional<FrontendRef> tree, String path) {
    try {
      return Optional.of(read(tree, path));
    } catch (NotFound e) {
      return Optional.empty();
    }
  }
}
