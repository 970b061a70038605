package dev.slipway.frontend.dockerfile.parser;

import dev.slipway.frontend.dockerfile.source.LineSpan;

/// A parser directive, as `# name=value` in the first lines.
///
/// @param name in lower case
/// @param value without blanks around it
public record Directive(String name, String value, LineSpan place) {}
