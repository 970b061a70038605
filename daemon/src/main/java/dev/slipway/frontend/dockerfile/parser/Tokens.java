package dev.slipway.frontend.dockerfile.parser;

import dev.slipway.frontend.dockerfile.source.Blanks;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/// Cuts one logical line into tokens.
final class Tokens {
  private static final Pattern BLANKS = Pattern.compile("[\\t\\x0b\\f\\r ]+");

  private Tokens() {}

  /// At blanks, at most into `limit` parts; 0 means no limit.
  static List<String> split(String line, int limit) {
    return Arrays.asList(BLANKS.split(line, limit == 0 ? -1 : limit));
  }

  /// At blanks outside quotes. Quotes and escapes stay: they act later, when variables are
  /// substituted.
  static List<String> words(String line, char escape) {
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    boolean inWord = false;
    int quote = 0;
    int[] text = line.codePoints().toArray();
    for (int i = 0; i < text.length; i++) {
      int ch = text[i];
      if (quote == 0 && Blanks.isBlank(ch)) {
        if (inWord) {
          words.add(word.toString());
          word.setLength(0);
          inWord = false;
        }
        continue;
      }
      if (ch == escape && quote != '\'') {
        if (i + 1 == text.length) {
          break; // an escape character at the very end is dropped
        }
        word.appendCodePoint(ch);
        ch = text[++i];
        inWord = true;
      } else if (quote == 0 && (ch == '\'' || ch == '"')) {
        quote = ch;
      } else if (ch == quote) {
        quote = 0;
      }
      word.appendCodePoint(ch);
      inWord = true;
    }
    if (inWord) {
      words.add(word.toString());
    }
    return words;
  }

  /// Leading `--flags` of what follows a keyword. Their quotes and escapes act at once.
  static Flags flags(String line, char escape) {
    List<String> flags = new ArrayList<>();
    int position = 0;
    while (true) {
      while (position < line.length() && Blanks.isBlank(line.charAt(position))) {
        position++;
      }
      if (!line.startsWith("--", position)) {
        return new Flags(flags, line.substring(position));
      }
      StringBuilder flag = new StringBuilder();
      int quote = 0;
      for (; position < line.length(); position++) {
        char ch = line.charAt(position);
        if (quote == 0 && Blanks.isBlank(ch)) {
          break;
        }
        if (quote == 0 && (ch == '\'' || ch == '"')) {
          quote = ch;
        } else if (ch == quote) {
          quote = 0;
        } else if (ch != escape) {
          flag.append(ch);
        } else if (position + 1 < line.length()) {
          flag.append(line.charAt(++position));
        }
      }
      if (flag.toString().equals("--")) {
        return new Flags(flags, line.substring(position));
      }
      flags.add(flag.toString());
    }
  }

  /// @param rest what follows the flags, untrimmed
  record Flags(List<String> flags, String rest) {}
}
