package dev.slipway.frontend.dockerfile.shell;

import dev.slipway.frontend.dockerfile.source.Blanks;
import java.util.ArrayList;
import java.util.List;

/// Collects words; unquoted blanks end one. Confined to one [WordReader].
final class WordBuffer {
  private final StringBuilder word = new StringBuilder();
  private final List<String> words = new ArrayList<>();

  void add(int ch) {
    if (Blanks.isBlank(ch)) {
      end();
    } else {
      addVerbatim(ch);
    }
  }

  void addVerbatim(int ch) {
    word.appendCodePoint(ch);
  }

  /// Text that is cut at its blanks.
  void addText(String text) {
    text.codePoints().forEach(this::add);
  }

  void addVerbatim(String text) {
    word.append(text);
  }

  List<String> finish() {
    end();
    return words;
  }

  private void end() {
    if (!word.isEmpty()) {
      words.add(word.toString());
      word.setLength(0);
    }
  }
}
