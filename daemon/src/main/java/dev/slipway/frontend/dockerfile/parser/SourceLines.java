package dev.slipway.frontend.dockerfile.parser;

import dev.slipway.frontend.dockerfile.source.DockerfileError;
import dev.slipway.frontend.dockerfile.source.LineSpan;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// The lines of a file, read once, with their ends. Confined to one parse.
final class SourceLines {
  private static final int LONGEST_LINE = 64 << 10;

  private final String text;
  private int offset;
  private int read;

  SourceLines(String text) {
    this.text = withoutByteOrderMark(text);
  }

  static String withoutByteOrderMark(String text) {
    return text.startsWith("\ufeff") ? text.substring(1) : text;
  }

  /// How many lines were read so far, which is the number of the last one.
  int read() {
    return read;
  }

  /// The next line with its end, empty after the last.
  Optional<String> next() {
    if (offset == text.length()) {
      return Optional.empty();
    }
    int newline = text.indexOf('\n', offset);
    int end = newline < 0 ? text.length() : newline + 1;
    String line = text.substring(offset, end);
    if (line.length() > LONGEST_LINE / 4
        && line.getBytes(StandardCharsets.UTF_8).length > LONGEST_LINE) {
      throw new DockerfileError(
          "dockerfile line greater than max allowed size of " + (LONGEST_LINE - 1),
          LineSpan.line(read));
    }
    offset = end;
    read++;
    return Optional.of(line);
  }

  /// `line` without its end.
  static String withoutEnd(String line) {
    int end = line.length();
    while (end > 0 && (line.charAt(end - 1) == '\n' || line.charAt(end - 1) == '\r')) {
      end--;
    }
    return line.substring(0, end);
  }
}
