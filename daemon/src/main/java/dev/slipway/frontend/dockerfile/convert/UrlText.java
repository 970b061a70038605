package dev.slipway.frontend.dockerfile.convert;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// Percent-encoded text.
final class UrlText {
  private UrlText() {}

  /// Decoded, or as it is where it cannot be.
  static String decode(String text) {
    return tryDecode(text).orElse(text);
  }

  static Optional<String> tryDecode(String text) {
    try {
      return Optional.of(URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
