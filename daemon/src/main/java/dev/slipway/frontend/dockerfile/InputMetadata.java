package dev.slipway.frontend.dockerfile;

import com.google.protobuf.ByteString;
import dev.slipway.frontend.dockerfile.source.DockerfileError;
import java.util.Base64;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What a client says about one of its inputs (`input-metadata:<name>`): JSON, values in base64.
final class InputMetadata {
  private InputMetadata() {}

  /// The configuration of the image the input is, if it is one.
  static Optional<ByteString> imageConfig(String metadata, String shown) {
    try {
      JsonNode config = JsonMapper.shared().readTree(metadata).path("containerimage.config");
      return config.isString()
          ? Optional.of(ByteString.copyFrom(Base64.getDecoder().decode(config.asString())))
          : Optional.empty();
    } catch (JacksonException | IllegalArgumentException e) {
      throw DockerfileError.because(
          "failed to parse input metadata " + metadata + " for " + shown, e);
    }
  }
}
