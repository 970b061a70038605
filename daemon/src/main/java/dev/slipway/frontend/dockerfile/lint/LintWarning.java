package dev.slipway.frontend.dockerfile.lint;

import dev.slipway.frontend.dockerfile.source.LineSpan;

/// One finding.
public record LintWarning(LintRule rule, String message, LineSpan place) {

  /// The one line shown to people: `Rule: message (line 3)`.
  public String summary() {
    String line = place.first() > 0 ? " (line " + place.first() + ")" : "";
    return rule.title() + ": " + message + line;
  }
}
