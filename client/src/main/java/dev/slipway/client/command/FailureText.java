package dev.slipway.client.command;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Fact;
import dev.slipway.failure.Fact.AtSource;
import dev.slipway.failure.Fact.SourceRange;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/// A failure as shown to people: the lines of the Dockerfile where it happened, then what happened.
/// Pure.
final class FailureText {
  private static final int AROUND = 2;

  private FailureText() {}

  static String of(BuildFailure failure) {
    StringBuilder text = new StringBuilder();
    for (Fact fact : failure.facts()) {
      if (fact instanceof AtSource source && !source.ranges().isEmpty()) {
        addExcerpt(source, text);
        break;
      }
    }
    return text.append("ERROR: failed to solve: ").append(failure.text()).toString();
  }

  private static void addExcerpt(AtSource source, StringBuilder text) {
    List<String> lines = new String(source.data(), StandardCharsets.UTF_8).lines().toList();
    SourceRange range = source.ranges().getFirst();
    int first = Math.max(1, range.startLine() - AROUND);
    int last = Math.min(lines.size(), Math.max(range.startLine(), range.endLine()) + AROUND);
    text.append(source.filename())
        .append(':')
        .append(range.startLine())
        .append("\n--------------------\n");
    for (int line = first; line <= last; line++) {
      boolean meant =
          line >= range.startLine() && line <= Math.max(range.startLine(), range.endLine());
      text.append(
          String.format(
              Locale.ROOT, "%4d | %s %s%n", line, meant ? ">>>" : "   ", lines.get(line - 1)));
    }
    text.append("--------------------\n");
  }
}
