package dev.slipway.frontend.dockerfile.shell;

import dev.slipway.frontend.dockerfile.shell.WordProcessor.Keep;
import dev.slipway.frontend.dockerfile.source.DockerfileError;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/// One pass over one text. Confined to the call that made it.
final class WordReader {
  private static final int END = -1;
  private static final int DEEPEST = 100;

  private final WordProcessor processor;
  private final String source;
  private final int[] text;
  private final Variables variables;
  private final Consumer<String> unset;
  private final Set<String> matched = new LinkedHashSet<>();
  private final Set<String> unmatched = new LinkedHashSet<>();
  private int position;
  private int depth;
  private boolean keepEscapes;

  WordReader(WordProcessor processor, String source, Variables variables, Consumer<String> unset) {
    this.processor = processor;
    this.source = source;
    this.text = source.codePoints().toArray();
    this.variables = variables;
    this.unset = unset;
    this.keepEscapes = processor.keeping().contains(Keep.ESCAPES);
  }

  Expansion read() {
    try {
      WordBuffer words = new WordBuffer();
      String result = readUntil(END, words);
      return new Expansion(result, words.finish(), matched, unmatched);
    } catch (DockerfileError e) {
      throw e.withPrefix("failed to process " + GoText.quote(source) + ": ");
    }
  }

  private int peek() {
    return position < text.length ? text[position] : END;
  }

  private int next() {
    return position < text.length ? text[position++] : END;
  }

  /// Reads up to the stop character, which is consumed; [#END] reads everything.
  private String readUntil(int stop, WordBuffer words) {
    boolean quotesAct = !processor.keeping().contains(Keep.QUOTES_AS_TEXT);
    StringBuilder result = new StringBuilder();
    while (peek() != END) {
      int ch = peek();
      if (ch == stop) {
        next();
        return result.toString();
      }
      if (ch == '$') {
        String value = dollar();
        append(result, value);
        words.addText(value);
      } else if (ch == '<' || (quotesAct && (ch == '\'' || ch == '"'))) {
        String value = ch == '<' ? angle() : ch == '\'' ? singleQuoted() : doubleQuoted();
        append(result, value);
        words.addVerbatim(value);
      } else if (ch == processor.escape()) {
        next();
        if (keepEscapes) {
          words.addVerbatim(ch);
          result.appendCodePoint(ch);
        }
        int escaped = next();
        if (escaped == END) {
          break;
        }
        words.addVerbatim(escaped);
        result.appendCodePoint(escaped);
      } else {
        next();
        words.add(ch);
        result.appendCodePoint(ch);
      }
    }
    if (stop != END) {
      throw new DockerfileError(
          "unexpected end of statement while looking for matching " + Character.toString(stop));
    }
    return result.toString();
  }

  private static void append(StringBuilder result, String value) {
    if (result.length() + value.length() > WordProcessor.LONGEST_TEXT) {
      throw new DockerfileError(
          "text is longer than " + WordProcessor.LONGEST_TEXT + " characters after substitution");
    }
    result.append(value);
  }

  private String singleQuoted() {
    StringBuilder result = new StringBuilder();
    quote(result, next());
    for (int ch = next(); ch != '\''; ch = next()) {
      if (ch == END) {
        throw new DockerfileError(
            "unexpected end of statement while looking for matching single-quote");
      }
      result.appendCodePoint(ch);
    }
    quote(result, '\'');
    return result.toString();
  }

  private String doubleQuoted() {
    StringBuilder result = new StringBuilder();
    quote(result, next());
    while (true) {
      int ch = peek();
      if (ch == END) {
        throw new DockerfileError(
            "unexpected end of statement while looking for matching double-quote");
      }
      if (ch == '$') {
        append(result, dollar());
        continue;
      }
      next();
      if (ch == '"') {
        quote(result, ch);
        return result.toString();
      }
      if (ch == processor.escape()) {
        if (keepEscapes) {
          result.appendCodePoint(ch);
        }
        int escaped = peek();
        if (escaped == END) {
          continue;
        }
        if (escaped == '"' || escaped == '$' || escaped == processor.escape()) {
          ch = next();
        }
      }
      result.appendCodePoint(ch);
    }
  }

  private void quote(StringBuilder result, int ch) {
    if (processor.keeping().contains(Keep.QUOTES)) {
      result.appendCodePoint(ch);
    }
  }

  /// `<` or the opening of a heredoc, which keeps the blanks before its name in the same word.
  private String angle() {
    next();
    if (peek() != '<') {
      return "<";
    }
    next();
    StringBuilder result = new StringBuilder("<<");
    while (peek() == '\t' || peek() == '\r' || peek() == ' ') {
      result.appendCodePoint(next());
    }
    return result.toString();
  }

  private String dollar() {
    next();
    if (peek() != '{') {
      String name = name();
      if (name.isEmpty()) {
        return "$";
      }
      return lookUp(name).orElseGet(() -> unset("$" + name));
    }
    next();
    switch (peek()) {
      case END -> throw new DockerfileError("syntax error: missing '}'");
      case '{', '}', ':' -> throw new DockerfileError("syntax error: bad substitution");
      default -> {
        // a name follows, or nothing that is understood
      }
    }
    if (++depth > DEEPEST) {
      throw new DockerfileError("substitutions are nested deeper than " + DEEPEST);
    }
    try {
      return braced(name());
    } finally {
      depth--;
    }
  }

  private String braced(String name) {
    int modifier = next();
    return switch (modifier) {
      case END -> throw new DockerfileError("syntax error: missing '}'");
      case '}' -> lookUp(name).orElseGet(() -> unset("${" + name + "}"));
      case ':' -> {
        int second = next();
        yield conditional(name, second, ":" + printed(second), true);
      }
      case '+', '-', '?' -> conditional(name, modifier, printed(modifier), false);
      case '#', '%' -> trimmed(name, modifier);
      case '/' -> replaced(name);
      default ->
          throw new DockerfileError(
              "unsupported modifier (" + printed(modifier) + ") in substitution");
    };
  }

  private String conditional(String name, int modifier, String printed, boolean emptyIsUnset) {
    if (modifier == '#' || modifier == '%') {
      throw new DockerfileError("unsupported modifier (" + printed + ") in substitution");
    }
    String word = readWord('}', false, "syntax error: missing '}'");
    Optional<String> value = lookUp(name);
    if (value.isEmpty() && keepsUnset()) {
      return "${" + name + printed + word + "}";
    }
    boolean absent = value.isEmpty() || (emptyIsUnset && value.get().isEmpty());
    return switch (modifier) {
      case '-' -> absent ? word : value.get();
      case '+' -> absent ? "" : word;
      case '?' -> {
        if (absent) {
          String fallback =
              value.isEmpty() ? "is not allowed to be unset" : "is not allowed to be empty";
          throw new DockerfileError(name + ": " + (word.isEmpty() ? fallback : word));
        }
        yield value.get();
      }
      default ->
          throw new DockerfileError("unsupported modifier (" + printed + ") in substitution");
    };
  }

  private String trimmed(String name, int modifier) {
    String word = readWord('}', true, "syntax error: missing '}'");
    Optional<String> value = lookUp(name);
    if (value.isEmpty() && keepsUnset()) {
      return "${" + name + printed(modifier) + word + "}";
    }
    boolean longest = !word.isEmpty() && word.charAt(0) == modifier;
    Wildcard pattern = Wildcard.parse(longest ? word.substring(1) : word);
    Wildcard.Reach reach = longest ? Wildcard.Reach.LONGEST : Wildcard.Reach.SHORTEST;
    return modifier == '#'
        ? pattern.trimStart(value.orElse(""), reach)
        : pattern.trimEnd(value.orElse(""), reach);
  }

  private String replaced(String name) {
    boolean all = peek() == '/';
    if (all) {
      next();
    }
    String pattern = readWord('/', true, "syntax error: missing '/' in ${}");
    String replacement = readWord('}', true, "syntax error: missing '}'");
    Optional<String> value = lookUp(name);
    if (value.isEmpty() && keepsUnset()) {
      return "${" + name + "/" + pattern + "/" + replacement + "}";
    }
    String result =
        Wildcard.parse(pattern)
            .replace(
                value.orElse(""),
                replacement,
                all ? Wildcard.Occurrences.ALL : Wildcard.Occurrences.FIRST);
    if (result.length() > WordProcessor.LONGEST_TEXT) {
      throw new DockerfileError(
          "text is longer than " + WordProcessor.LONGEST_TEXT + " characters after substitution");
    }
    return result;
  }

  private String readWord(int stop, boolean keepingEscapes, String whenOpen) {
    boolean before = keepEscapes;
    keepEscapes = keepingEscapes;
    try {
      return readUntil(stop, new WordBuffer());
    } catch (DockerfileError e) {
      if (peek() == END) {
        throw new DockerfileError(whenOpen);
      }
      throw e;
    } finally {
      keepEscapes = before;
    }
  }

  private Optional<String> lookUp(String name) {
    Optional<String> value = variables.find(name);
    if (value.isPresent()) {
      matched.add(name);
    } else if (unmatched.add(name)) {
      unset.accept(name);
    }
    return value;
  }

  private boolean keepsUnset() {
    return processor.keeping().contains(Keep.UNSET_VARIABLES);
  }

  private String unset(String reference) {
    return keepsUnset() ? reference : "";
  }

  /// A name, a positional number, or one of the shell's special parameters; empty when none stands
  /// here.
  private String name() {
    int start = position;
    if (Character.isDigit(peek())) {
      while (Character.isDigit(peek())) {
        next();
      }
    } else if (peek() != END && "@*#?-$!0".indexOf(peek()) >= 0) {
      next();
    } else {
      while (Character.isLetter(peek()) || Character.isDigit(peek()) || peek() == '_') {
        next();
      }
    }
    return new String(text, start, position - start);
  }

  private static String printed(int ch) {
    return Character.toString(ch == END ? 0xfffd : ch);
  }
}
