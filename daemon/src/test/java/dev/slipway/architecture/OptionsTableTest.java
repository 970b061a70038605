package dev.slipway.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Holds `OPTIONS.md` to what is there: tests that speak of each option, and classes that read
/// neither more nor less than it lists.
final class OptionsTableTest {
  private static final Path MODULES = Path.of("").toAbsolutePath().getParent();
  private static final Pattern QUOTED = Pattern.compile("`([^`]+)`");

  /// Reading an option by its name from what the client or the operator said.
  private static final Pattern READ =
      Pattern.compile(
          "(?:attributes(?:\\(\\))?|fields|rest|rule)\\s*\\.\\s*"
              + "(?:get|getOrDefault|remove|space|texts|duration|flag)\\(\\s*\"([^\"]+)\""
              + "|oci\\.space\\(\"([^\"]+)\""
              + "|\\b(?:taken|flag|required|said|positive)\\(\\s*(?:rest|attributes|fields),\\s*\"([^\"]+)\"");

  /// @param sources classes that read what is listed
  private record Section(String title, List<String> sources, List<Row> rows) {
    Set<String> options() {
      Set<String> options = new TreeSet<>();
      rows.forEach(row -> options.add(row.option()));
      return options;
    }
  }

  private record Row(String option, List<String> tests) {}

  @Test
  void everyOptionHasATestThatSpeaksOfIt() throws IOException {
    Map<String, Path> tests = classes("test");

    for (Section section : sections()) {
      for (Row row : section.rows()) {
        assertThat(tests.keySet())
            .as("tests of %s, %s", row.option(), section.title())
            .containsAll(row.tests());
        assertThat(row.tests())
            .as("tests that speak of %s, %s", row.option(), section.title())
            .anyMatch(test -> speaksOf(row.option(), text(tests.get(test))));
      }
    }
  }

  @Test
  void everyOptionIsRead() throws IOException {
    Map<String, Path> main = classes("main");

    for (Section section : sections()) {
      assertThat(main.keySet()).as(section.title()).containsAll(section.sources());
      for (Row row : section.rows()) {
        assertThat(section.sources())
            .as("classes that read %s, %s", row.option(), section.title())
            .anyMatch(source -> reads(row.option(), text(main.get(source))));
      }
    }
  }

  @Test
  void whatIsReadIsInTheTable() throws IOException {
    Map<String, Path> main = classes("main");
    Map<String, Set<String>> listed = new HashMap<>();
    for (Section section : sections()) {
      for (String source : section.sources()) {
        listed.computeIfAbsent(source, _ -> new TreeSet<>()).addAll(section.options());
      }
    }

    listed.forEach(
        (source, options) ->
            assertThat(options)
                .as("options that %s reads", source)
                .containsAll(read(text(main.get(source)))));
  }

  @Test
  void aReadingIsSeen() {
    assertThat(read("attributes.get(\"a\"); taken(rest, \"b-c\"); said(attributes, \"d_e\", x)"))
        .containsExactlyInAnyOrder("a", "b-c", "d_e");
  }

  private static Set<String> read(String source) {
    Set<String> read = new TreeSet<>();
    Matcher matcher = READ.matcher(source);
    while (matcher.find()) {
      for (int group = 1; group <= matcher.groupCount(); group++) {
        if (matcher.group(group) != null) {
          read.add(matcher.group(group));
        }
      }
    }
    return read;
  }

  /// In Java as a text of its own, in TOML and command lines with its value.
  private static boolean speaksOf(String option, String test) {
    String name = Pattern.quote(option);
    return Pattern.compile("[\"',\\s]" + name + "(?:\"|=| =|\\.|\\[|,\\s|')").matcher(test).find();
  }

  private static boolean reads(String option, String source) {
    return option.startsWith("annotation")
        ? source.contains("\"" + option.replaceFirst("^annotation-?", ""))
        : source.contains("\"" + option + "\"");
  }

  private static List<Section> sections() throws IOException {
    List<Section> sections = new ArrayList<>();
    for (String line : Files.readAllLines(MODULES.resolve("daemon/OPTIONS.md"))) {
      if (line.startsWith("## ")) {
        String sources = line.substring(line.lastIndexOf('('));
        sections.add(new Section(line, quoted(sources), new ArrayList<>()));
      } else if (line.startsWith("| `")) {
        String[] cells = line.split("\\|");
        sections
            .getLast()
            .rows()
            .add(new Row(quoted(cells[1]).getFirst(), quoted(cells[cells.length - 1])));
      }
    }
    assertThat(sections).hasSizeGreaterThan(10).noneMatch(section -> section.rows().isEmpty());
    return sections;
  }

  private static List<String> quoted(String text) {
    return QUOTED
        .matcher(text)
        .results()
        .map(MatchResult::group)
        .map(OptionsTableTest::bare)
        .toList();
  }

  private static String bare(String quoted) {
    return quoted.substring(1, quoted.length() - 1);
  }

  /// Java files of all modules by the names of their classes.
  ///
  /// @param kind `main` or `test`
  private static Map<String, Path> classes(String kind) throws IOException {
    Map<String, Path> classes = new HashMap<>();
    for (String module :
        List.of("api-proto", "daemon", "worker-native", "worker-qemu", "client", "deploy")) {
      Path root = MODULES.resolve(module).resolve("src").resolve(kind).resolve("java");
      if (Files.isDirectory(root)) {
        try (Stream<Path> files = Files.walk(root)) {
          files
              .filter(file -> file.toString().endsWith(".java"))
              .forEach(
                  file -> classes.put(file.getFileName().toString().replace(".java", ""), file));
        }
      }
    }
    return classes;
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
