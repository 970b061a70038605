package dev.slipway.client.command;

import java.util.Optional;

/// Words for true and false, those that Go's `strconv.ParseBool` takes.
final class TruthValue {
  private TruthValue() {}

  /// Empty when the text is none of them.
  static Optional<Boolean> parse(String text) {
    return switch (text) {
      case "1", "t", "T", "true", "TRUE", "True" -> Optional.of(true);
      case "0", "f", "F", "false", "FALSE", "False" -> Optional.of(false);
      default -> Optional.empty();
    };
  }
}
