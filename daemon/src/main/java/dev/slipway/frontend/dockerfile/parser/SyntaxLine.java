package dev.slipway.frontend.dockerfile.parser;

import dev.slipway.frontend.dockerfile.source.DockerfileError;
import dev.slipway.frontend.dockerfile.source.LineSpan;
import java.util.Optional;

/// Which frontend a file asks for.
///
/// @param frontend image reference of the frontend, the first word of the command line
/// @param commandLine the whole value
public record SyntaxLine(String frontend, String commandLine, LineSpan place) {

  /// Finds the request, which may be written as `# syntax=`, `// syntax=` or as the key of a JSON
  /// document, after an optional byte order mark and `#!` line, so that files that are no
  /// Dockerfiles can carry one too.
  public static Optional<SyntaxLine> find(String file) {
    int before = linesBefore(file);
    String text = afterShebang(file);
    Optional<SyntaxLine> found = find(text, "syntax", "#", before);
    if (found.isEmpty()) {
      found = find(text, "syntax", "//", before);
    }
    if (found.isEmpty()) {
      LineSpan place = LineSpan.line(before);
      found =
          JsonText.topLevelString(text, "syntax").map(value -> new SyntaxLine(value, value, place));
    }
    return found;
  }

  /// The first word of the directive `check`, which configures the linter; empty when there is
  /// none.
  public static String check(String file) {
    return find(afterShebang(file), "check", "#", linesBefore(file))
        .map(SyntaxLine::frontend)
        .orElse("");
  }

  private static int linesBefore(String file) {
    return SourceLines.withoutByteOrderMark(file).startsWith("#!") ? 1 : 0;
  }

  private static String afterShebang(String file) {
    String text = SourceLines.withoutByteOrderMark(file);
    if (!text.startsWith("#!")) {
      return text;
    }
    int end = text.indexOf('\n');
    return end < 0 ? "" : text.substring(end + 1);
  }

  private static Optional<SyntaxLine> find(String text, String name, String marker, int before) {
    DirectiveReader reader = new DirectiveReader(marker, before);
    try {
      for (String line : (Iterable<String>) text.lines()::iterator) {
        Optional<Directive> directive = reader.read(line);
        if (directive.isEmpty()) {
          return Optional.empty();
        }
        if (directive.get().name().equals(name)) {
          String value = directive.get().value();
          int space = value.indexOf(' ');
          String first = space < 0 ? value : value.substring(0, space);
          return Optional.of(new SyntaxLine(first, value, directive.get().place()));
        }
      }
    } catch (DockerfileError e) {
      return Optional.empty(); // a repeated directive is reported when the file is parsed
    }
    return Optional.empty();
  }
}
