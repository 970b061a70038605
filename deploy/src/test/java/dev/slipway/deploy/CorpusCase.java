package dev.slipway.deploy;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// A Dockerfile of the corpus, and how it is built.
///
/// In a corpus file each case begins with `=== name option=value …`; `--- path` begins a file that
/// is put into the build context.
///
/// @param files by path; `Dockerfile` among them
record CorpusCase(
    String topic, String name, Map<String, String> options, Map<String, String> files) {
  CorpusCase {
    options = Map.copyOf(options);
    files = Map.copyOf(files);
  }

  static Stream<CorpusCase> of(String topic) {
    List<CorpusCase> cases = new ArrayList<>();
    for (Map.Entry<String, String> part : parts("/corpus/" + topic + ".txt", "=== ").entrySet()) {
      String[] words = part.getKey().split(" +");
      Map<String, String> options = new LinkedHashMap<>();
      for (String word : List.of(words).subList(1, words.length)) {
        int equals = word.indexOf('=');
        options.put(word.substring(0, equals), word.substring(equals + 1));
      }
      Map<String, String> files = split("--- Dockerfile\n" + part.getValue(), "--- ");
      cases.add(new CorpusCase(topic, words[0], options, files));
    }
    return cases.stream();
  }

  /// What the genuine daemon made of the cases of a topic, by name.
  static Map<String, String> recorded(String topic) {
    return parts("/corpus/" + topic + ".recorded.txt", "=== ");
  }

  /// What ours makes of those cases of a topic in which it differs on purpose, by name.
  static Map<String, String> deviating(String topic) {
    return parts("/corpus/" + topic + ".deviating.txt", "=== ");
  }

  private static Map<String, String> parts(String resource, String mark) {
    try (InputStream in = CorpusCase.class.getResourceAsStream(resource)) {
      if (in == null) {
        return Map.of();
      }
      return split(new String(in.readAllBytes(), StandardCharsets.UTF_8), mark);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Text between lines that begin with the mark, by the rest of such a line.
  private static Map<String, String> split(String text, String mark) {
    Map<String, String> parts = new LinkedHashMap<>();
    String title = "";
    StringBuilder part = new StringBuilder();
    for (String line : text.split("(?<=\n)")) {
      if (line.startsWith(mark)) {
        put(parts, title, part);
        title = line.substring(mark.length()).strip();
        part.setLength(0);
      } else {
        part.append(line);
      }
    }
    put(parts, title, part);
    return parts;
  }

  private static void put(Map<String, String> parts, String title, StringBuilder part) {
    if (!title.isEmpty() && parts.put(title, part.toString()) != null) {
      throw new IllegalArgumentException("two parts are called " + title);
    }
  }

  @Override
  public String toString() {
    return topic + "/" + name;
  }
}
