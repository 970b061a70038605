package dev.slipway.frontend.dockerfile.parser;

import dev.slipway.frontend.dockerfile.parser.Arguments.Check;
import dev.slipway.frontend.dockerfile.parser.Arguments.Json;
import dev.slipway.frontend.dockerfile.parser.Arguments.Pair;
import dev.slipway.frontend.dockerfile.parser.Arguments.Pairs;
import dev.slipway.frontend.dockerfile.parser.Arguments.Text;
import dev.slipway.frontend.dockerfile.parser.Arguments.Trigger;
import dev.slipway.frontend.dockerfile.parser.Arguments.Words;
import dev.slipway.frontend.dockerfile.shell.GoText;
import dev.slipway.frontend.dockerfile.source.Blanks;
import dev.slipway.frontend.dockerfile.source.DockerfileError;
import dev.slipway.frontend.dockerfile.source.LineSpan;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Makes a statement of one logical line: keyword, flags, and arguments in the form that keyword
/// has.
///
/// @param escape the escape character
record StatementReader(char escape) {
  private static final int DEEPEST_TRIGGER = 16;

  Statement read(String line, LineSpan place, List<String> comments) {
    return read(line, place, comments, 0);
  }

  private Statement read(String line, LineSpan place, List<String> comments, int depth) {
    if (depth > DEEPEST_TRIGGER) {
      throw new DockerfileError("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
    }
    List<String> parts = Tokens.split(Blanks.trim(line), 2);
    String keyword = parts.getFirst();
    Tokens.Flags flags =
        parts.size() < 2 ? new Tokens.Flags(List.of(), "") : Tokens.flags(parts.get(1), escape);
    String rest = Blanks.trim(flags.rest());
    Arguments arguments =
        keyword.equalsIgnoreCase("onbuild") && !rest.isEmpty()
            ? new Trigger(read(rest, place, List.of(), depth + 1))
            : arguments(keyword, rest);
    return new Statement(keyword, flags.flags(), arguments, List.of(), line, place, comments);
  }

  private Arguments arguments(String keyword, String rest) {
    return switch (keyword.toLowerCase(Locale.ROOT)) {
      case "env", "label" -> pairs(keyword.toUpperCase(Locale.ROOT), rest);
      case "arg" -> new Words(Tokens.words(rest, escape));
      case "cmd", "entrypoint", "run", "shell" -> jsonOrText(rest);
      case "add", "copy", "volume" ->
          JsonText.strings(rest).<Arguments>map(Json::new).orElseGet(() -> words(rest));
      case "expose", "from" -> words(rest);
      case "healthcheck" -> check(rest);
      case "maintainer", "stopsignal", "user", "workdir" -> text(rest);
      default -> Arguments.none(); // an unknown keyword is reported later, with a suggestion
    };
  }

  private static Arguments text(String rest) {
    return rest.isEmpty() ? Arguments.none() : new Text(rest);
  }

  private static Arguments words(String rest) {
    return rest.isEmpty() ? Arguments.none() : new Words(Tokens.split(rest, 0));
  }

  private static Arguments jsonOrText(String rest) {
    Optional<List<String>> json = JsonText.strings(rest);
    return json.isPresent() ? new Json(json.get()) : text(rest);
  }

  private static Arguments check(String rest) {
    if (rest.isEmpty()) {
      return Arguments.none();
    }
    int end = 0;
    while (end < rest.length() && !Blanks.isBlank(rest.charAt(end))) {
      end++;
    }
    return new Check(rest.substring(0, end), jsonOrText(Blanks.trimStart(rest.substring(end))));
  }

  /// `key=value …`, or the older `key value` when the first word has no `=`.
  private Arguments pairs(String keyword, String rest) {
    List<String> words = Tokens.words(rest, escape);
    if (words.isEmpty()) {
      return Arguments.none();
    }
    if (!words.getFirst().contains("=")) {
      List<String> parts = Tokens.split(rest, 2);
      if (parts.size() < 2) {
        throw new DockerfileError(keyword + " must have two arguments");
      }
      return new Pairs(List.of(new Pair(parts.get(0), parts.get(1), true)));
    }
    List<Pair> pairs = new ArrayList<>();
    for (String word : words) {
      int equals = word.indexOf('=');
      if (equals < 0) {
        throw new DockerfileError(
            "Syntax error - can't find = in "
                + GoText.quote(word)
                + ". Must be of the form: name=value");
      }
      pairs.add(new Pair(word.substring(0, equals), word.substring(equals + 1), false));
    }
    return new Pairs(pairs);
  }
}
