package dev.slipway.text;

import java.util.Optional;

/// Words for true and false, those that Go's `strconv.ParseBool` takes: attributes, options and
/// flags have them.
public final class TruthValue {
  private TruthValue() {}

  /// Empty when the text is none of them.
  public static Optional<Boolean> parse(String text) {
    return switch (text) {
      case "1", "t", "T", "true", "TRUE", "True" -> Optional.of(true);
      case "0", "f", "F", "false", "FALSE", "False" -> Optional.of(false);
      default -> Optional.empty();
    };
  }

  /// Whether the text says it is so; neither empty text nor any other does.
  public static boolean isTrue(String text) {
    return parse(text).orElse(false);
  }

  /// Whether the text says it is not so; neither empty text nor any other does.
  public static boolean isFalse(String text) {
    return !parse(text).orElse(true);
  }
}
