package dev.slipway.frontend.dockerfile.parser;

import dev.slipway.frontend.dockerfile.source.LineSpan;
import java.util.List;

/// One statement.
///
/// @param keyword as written
/// @param flags as `--name` or `--name=value`, without quotes
/// @param heredocs in the order they were opened
/// @param original the statement's first logical line: continued lines joined, comments gone,
///   heredocs not included
/// @param place all its lines, heredocs included
/// @param comments the comment block right above, without `#`
public record Statement(
    String keyword,
    List<String> flags,
    Arguments arguments,
    List<Heredoc> heredocs,
    String original,
    LineSpan place,
    List<String> comments) {

  public Statement {
    flags = List.copyOf(flags);
    heredocs = List.copyOf(heredocs);
    comments = List.copyOf(comments);
  }

  /// The same statement elsewhere: one out of an image's triggers is shown at the FROM that pulled
  /// it in.
  public Statement at(LineSpan other) {
    return new Statement(keyword, flags, arguments, heredocs, original, other, comments);
  }
}
