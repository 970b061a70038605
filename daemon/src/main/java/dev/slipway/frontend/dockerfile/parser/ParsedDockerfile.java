package dev.slipway.frontend.dockerfile.parser;

import dev.slipway.frontend.dockerfile.source.LineSpan;
import java.util.List;

/// A Dockerfile as statements.
///
/// @param escape the escape character, `\` or a backtick
/// @param emptyContinuations where an empty line stood between continued ones
public record ParsedDockerfile(
    List<Statement> statements, char escape, List<LineSpan> emptyContinuations) {

  public ParsedDockerfile {
    statements = List.copyOf(statements);
    emptyContinuations = List.copyOf(emptyContinuations);
  }
}
