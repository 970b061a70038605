package dev.slipway.frontend.dockerfile;

import dev.slipway.frontend.dockerfile.graph.DefinitionWriter.SourceFile;
import dev.slipway.oci.Digest;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// A Dockerfile as it was found.
///
/// @param vertex that loaded it; advice about the file is shown there
/// @param ignoreFile content of the ignore file beside it, if there is one
record DockerfileSource(SourceFile file, Digest vertex, Optional<byte[]> ignoreFile) {

  String text() {
    return file.data().toString(StandardCharsets.UTF_8);
  }
}
