package dev.slipway.config;

import java.util.List;

/// Everything that is wrong with the configuration, at once.
public final class ConfigMistakes extends Exception {
  private static final long serialVersionUID = 1;

  private final transient List<String> mistakes;

  ConfigMistakes(List<String> mistakes) {
    super(String.join("\n", mistakes));
    this.mistakes = List.copyOf(mistakes);
  }

  /// One line each, saying where it was written.
  public List<String> mistakes() {
    return mistakes;
  }
}
