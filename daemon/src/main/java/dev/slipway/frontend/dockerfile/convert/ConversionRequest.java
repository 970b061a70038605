package dev.slipway.frontend.dockerfile.convert;

import dev.slipway.frontend.dockerfile.graph.DefinitionWriter;
import dev.slipway.frontend.dockerfile.lint.Linter;
import dev.slipway.oci.Platform;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/// One Dockerfile for one platform.
///
/// @param dockerfile the text
/// @param target absent: nobody asked for one
/// @param buildPlatforms what the workers run natively, not empty
/// @param capabilities ids of what the daemon supports
/// @param file how the definition names the Dockerfile, so that failures can show lines of it
/// @param allStages convert stages that the target does not need too, to find what is wrong with
///   them
/// @param labs whether instructions of the labs releases are on
/// @param groupIds makes an id for vertices that are shown as one
public record ConversionRequest(
    String dockerfile,
    BuildConfig config,
    Optional<Platform> target,
    List<Platform> buildPlatforms,
    Set<String> capabilities,
    Optional<DefinitionWriter.SourceFile> file,
    Linter linter,
    boolean allStages,
    boolean labs,
    Supplier<String> groupIds) {

  public ConversionRequest {
    buildPlatforms = List.copyOf(buildPlatforms);
    capabilities = Set.copyOf(capabilities);
  }
}
