package dev.slipway.frontend.dockerfile.parser;

import dev.slipway.frontend.dockerfile.source.Blanks;
import dev.slipway.frontend.dockerfile.source.DockerfileError;
import dev.slipway.frontend.dockerfile.source.LineSpan;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/// Parses one Dockerfile. Confined to the call that made it.
public final class DockerfileParser {

  /// Most characters a Dockerfile may have.
  public static final int LONGEST_FILE = 8 << 20;

  private static final int MOST_STATEMENTS = 100_000;
  private static final Set<String> TAKING_HEREDOCS = Set.of("add", "copy", "run");

  private final SourceLines lines;
  private final DirectiveReader directives = new DirectiveReader("#");
  private final List<Statement> statements = new ArrayList<>();
  private final List<LineSpan> emptyContinuations = new ArrayList<>();
  private final Consumer<DockerfileError> problems;
  private List<String> comments = new ArrayList<>();
  private char escape = '\\';

  private DockerfileParser(String text, Consumer<DockerfileError> problems) {
    this.lines = new SourceLines(text);
    this.problems = problems;
  }

  /// Parses `text`. Fails with a [DockerfileError] that names the lines.
  public static ParsedDockerfile parse(String text) {
    return parse(
        text,
        problem -> {
          throw problem;
        });
  }

  /// Parses what it can of `text`, and tells why it leaves out the statements that it cannot read.
  /// Fails if nothing can be said of single statements.
  public static ParsedDockerfile parse(String text, Consumer<DockerfileError> problems) {
    if (text.length() > LONGEST_FILE) {
      throw new DockerfileError("the Dockerfile is longer than " + LONGEST_FILE + " characters");
    }
    return new DockerfileParser(text, problems).parse();
  }

  private ParsedDockerfile parse() {
    for (Optional<String> line = lines.next(); line.isPresent(); line = lines.next()) {
      String content = logicalStart(line.get());
      if (!content.isEmpty()) {
        statement(content);
      }
    }
    if (statements.isEmpty()) {
      throw new DockerfileError("file with no instructions", LineSpan.line(lines.read()));
    }
    return new ParsedDockerfile(statements, escape, emptyContinuations);
  }

  /// The first line of what may be a statement, empty for blank lines, comments and directives.
  private String logicalStart(String line) {
    String content = Blanks.trimStart(SourceLines.withoutEnd(line));
    Optional<Directive> directive;
    try {
      directive = directives.read(content);
      directive.filter(found -> found.name().equals("escape")).ifPresent(this::setEscape);
    } catch (DockerfileError e) {
      throw e.at(LineSpan.line(lines.read() - 1)); // the reference counts the lines before
    }
    if (!content.startsWith("#")) {
      return content;
    }
    if (directive.isEmpty()) {
      comment(Blanks.trim(line.substring(1)));
    }
    return "";
  }

  private void comment(String text) {
    if (text.isEmpty()) {
      comments = new ArrayList<>();
    } else {
      comments.add(text);
    }
  }

  private void setEscape(Directive directive) {
    if (!directive.value().equals("`") && !directive.value().equals("\\")) {
      throw new DockerfileError(
          "invalid escape token '" + directive.value() + "' does not match ` or \\");
    }
    escape = directive.value().charAt(0);
  }

  private void statement(String firstLine) {
    int start = lines.read();
    String line = join(firstLine);
    Statement statement;
    try {
      statement =
          new StatementReader(escape).read(line, new LineSpan(start, lines.read()), comments);
      if (line.contains("<<") && takesHeredocs(statement)) {
        statement = withHeredocs(statement, start);
      }
    } catch (DockerfileError e) {
      problems.accept(e.at(new LineSpan(start, lines.read())));
      comments = new ArrayList<>();
      return;
    }
    if (statements.size() == MOST_STATEMENTS) {
      throw new DockerfileError(
          "the Dockerfile has more than " + MOST_STATEMENTS + " instructions",
          LineSpan.line(start));
    }
    statements.add(statement);
    comments = new ArrayList<>();
  }

  /// Joins continued lines; comments and empty lines between them do not count.
  private String join(String firstLine) {
    StringBuilder joined = new StringBuilder(withoutContinuation(firstLine));
    boolean open = continues(firstLine);
    boolean gap = false;
    while (open) {
      Optional<String> next = lines.next();
      if (next.isEmpty()) {
        break;
      }
      String content = SourceLines.withoutEnd(next.get());
      String trimmed = Blanks.trimStart(content);
      if (trimmed.startsWith("#")) {
        continue;
      }
      if (trimmed.isEmpty()) {
        gap = true;
        continue;
      }
      joined.append(withoutContinuation(content));
      open = continues(content);
    }
    if (gap) {
      emptyContinuations.add(LineSpan.line(lines.read()));
    }
    return joined.toString();
  }

  /// Whether a line ends with one escape character; two of them are an escaped one.
  private boolean continues(String line) {
    int last = lastVisible(line);
    return last >= 0
        && line.charAt(last) == escape
        && (last == 0 || line.charAt(last - 1) != escape);
  }

  private String withoutContinuation(String line) {
    return continues(line) ? line.substring(0, lastVisible(line)) : line;
  }

  private static int lastVisible(String line) {
    int last = line.length() - 1;
    while (last >= 0 && (line.charAt(last) == ' ' || line.charAt(last) == '\t')) {
      last--;
    }
    return last;
  }

  private static boolean takesHeredocs(Statement statement) {
    if (statement.arguments() instanceof Arguments.Trigger(Statement trigger)) {
      return TAKING_HEREDOCS.contains(trigger.keyword().toLowerCase(Locale.ROOT))
          && !(trigger.arguments() instanceof Arguments.Json);
    }
    return TAKING_HEREDOCS.contains(statement.keyword().toLowerCase(Locale.ROOT))
        && !(statement.arguments() instanceof Arguments.Json);
  }

  private Statement withHeredocs(Statement statement, int start) {
    List<Heredoc> heredocs = new ArrayList<>();
    for (Heredoc opened : Heredoc.parseAll(statement.original())) {
      heredocs.add(opened.withContent(readHeredoc(opened)));
    }
    return new Statement(
        statement.keyword(),
        statement.flags(),
        statement.arguments(),
        heredocs,
        statement.original(),
        new LineSpan(start, lines.read()),
        statement.comments());
  }

  private String readHeredoc(Heredoc heredoc) {
    StringBuilder content = new StringBuilder();
    for (Optional<String> line = lines.next(); line.isPresent(); line = lines.next()) {
      String end = SourceLines.withoutEnd(line.get());
      if (heredoc.stripTabs()) {
        end = withoutTabs(end);
      }
      if (end.equals(heredoc.name())) {
        return content.toString();
      }
      content.append(line.get());
    }
    throw new DockerfileError("unterminated heredoc");
  }

  private static String withoutTabs(String line) {
    int start = 0;
    while (start < line.length() && line.charAt(start) == '\t') {
      start++;
    }
    return line.substring(start);
  }
}
