package dev.slipway.frontend.dockerfile.convert;

import com.google.protobuf.ByteString;
import dev.slipway.frontend.dockerfile.graph.Output;
import dev.slipway.frontend.dockerfile.graph.SourceNode;
import dev.slipway.oci.Digest;
import dev.slipway.oci.Platform;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// What a conversion asks of the world outside. Blocks; thread-safe. Failures are
/// [dev.slipway.failure.BuildFailure]s or [dev.slipway.frontend.dockerfile.source.DockerfileError]s
/// without a place.
public interface BuildContexts {

  /// Looks up an image's configuration.
  ///
  /// @param reference full name
  /// @param logName name of the vertex shown meanwhile
  ImageConfig resolveImage(String reference, Platform platform, String logName);

  /// The tree or image the client gave under that name in place of an image or stage, if it did.
  ///
  /// @param platform absent for the platform of the build
  /// @param usedPaths asked when the definition is written: the paths used from it, empty for all
  Optional<NamedContext> namedContext(
      String name, Optional<Platform> platform, Supplier<List<String>> usedPaths);

  /// The tree the client gave to be built.
  ///
  /// @param usedPaths asked when the definition is written: all that is used of it, sorted; empty
  ///   for all of it
  Optional<Output> mainContext(Supplier<List<String>> usedPaths);

  /// Patterns of what the client does not send of the main context; none when that is not the
  /// client's directory.
  List<String> ignorePatterns();

  /// When the main context was last changed, as far as its source says.
  Optional<Instant> mainContextTime();

  /// When what `source` gives was last changed, as far as the source says.
  ///
  /// @param logName name of the vertex shown meanwhile
  Optional<Instant> sourceTime(SourceNode source, String logName);

  /// @param reference full name; may differ from the one asked for
  /// @param digest absent where the name stands for content that has none
  /// @param config exact bytes
  record ImageConfig(String reference, Optional<Digest> digest, ByteString config) {}

  /// Something given by name, not yet looked at.
  interface NamedContext {
    Loaded load();
  }

  /// @param config of the image it is, absent when it is a plain tree
  record Loaded(BuildState state, Optional<ByteString> config) {}
}
