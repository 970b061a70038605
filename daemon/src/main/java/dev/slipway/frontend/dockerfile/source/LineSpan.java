package dev.slipway.frontend.dockerfile.source;

/// Consecutive lines of a file.
///
/// @param first first line, counted from 1; 0 stands for "before the first line", which clients
///   show as no excerpt
/// @param last last line, inclusive, never before `first`
public record LineSpan(int first, int last) {

  public LineSpan {
    if (first < 0 || last < first) {
      throw new IllegalArgumentException("no such lines: " + first + " to " + last);
    }
  }

  /// The span of one line.
  public static LineSpan line(int number) {
    return new LineSpan(number, number);
  }

  @Override
  public String toString() {
    return first == last ? "line " + first : "lines " + first + " to " + last;
  }
}
