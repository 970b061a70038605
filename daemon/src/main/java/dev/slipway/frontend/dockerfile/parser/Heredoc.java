package dev.slipway.frontend.dockerfile.parser;

import dev.slipway.frontend.dockerfile.shell.Variables;
import dev.slipway.frontend.dockerfile.shell.WordProcessor;
import dev.slipway.frontend.dockerfile.shell.WordProcessor.Keep;
import dev.slipway.frontend.dockerfile.source.DockerfileError;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A text embedded in a statement.
///
/// @param name the word that ends it, without quotes; also the name of the file it becomes
/// @param expand whether variables in it are substituted: not when any part of the word was quoted
/// @param stripTabs whether tabs at line starts are to be removed (`<<-`)
/// @param content the lines between, with their ends, tabs included; empty when only the word was
///   read
public record Heredoc(String name, boolean expand, boolean stripTabs, String content) {
  private static final Pattern FORM = Pattern.compile("(\\d*)<<(-?)[\\t\\n\\f\\r ]*([^<]*)");
  private static final Pattern LEADING_TABS =
      Pattern.compile("^\\t+", Pattern.MULTILINE | Pattern.UNIX_LINES);
  private static final WordProcessor WORDS = new WordProcessor('\\').keeping(Keep.UNSET_VARIABLES);

  /// The heredoc opened by `word`, empty when it opens none.
  public static Optional<Heredoc> parse(String word) {
    Matcher matcher = FORM.matcher(word);
    if (!matcher.matches() || matcher.group(3).isEmpty()) {
      return Optional.empty();
    }
    List<String> plain = WORDS.expand(matcher.group(3), Variables.none()).words();
    if (plain.size() != 1) {
      return Optional.empty();
    }
    List<String> quoted =
        WORDS.keeping(Keep.QUOTES).expand(matcher.group(3), Variables.none()).words();
    String name = plain.getFirst();
    boolean expand = quoted.size() == 1 && quotes(name) == quotes(quoted.getFirst());
    return Optional.of(new Heredoc(name, expand, !matcher.group(2).isEmpty(), ""));
  }

  /// As [#parse], but a word that cannot be read opens none.
  public static Optional<Heredoc> parseLeniently(String word) {
    try {
      return parse(word);
    } catch (DockerfileError e) {
      return Optional.empty();
    }
  }

  /// All heredocs a line opens, in order.
  static List<Heredoc> parseAll(String line) {
    List<String> words;
    try {
      words = WORDS.keeping(Keep.QUOTES, Keep.ESCAPES).expand(line, Variables.none()).words();
    } catch (DockerfileError e) {
      return List.of(); // not a shell's line, so no heredoc either
    }
    List<Heredoc> found = new ArrayList<>();
    for (String word : words) {
      parse(word).ifPresent(found::add);
    }
    return found;
  }

  Heredoc withContent(String lines) {
    return new Heredoc(name, expand, stripTabs, lines);
  }

  /// The content as the build sees it.
  public String text() {
    return stripTabs ? LEADING_TABS.matcher(content).replaceAll("") : content;
  }

  private static long quotes(String word) {
    return word.chars().filter(ch -> ch == '\'' || ch == '"').count();
  }
}
