package dev.slipway.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Every Dockerfile of the corpus becomes the image that the genuine daemon makes of it: the same
/// configuration, history, layers, files, step names, warnings and errors.
///
/// The recordings are made by this test: run it on the genuine daemon (`slipway.test.daemon`) with
/// `slipway.corpus.record` naming a folder.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class DockerfileCorpusIT {
  private static final List<String> TOPICS =
      List.of(
          "from", "copy", "add", "run", "config", "text", "onbuild", "inputs", "advice", "errors");

  /// Our statuses have codes that the client names; see DIFFERENCES.md.
  private static final Pattern ERROR =
      Pattern.compile(
          "(?m)^(?:ERROR|error): failed to solve: "
              + "(?:(?:InvalidArgument|NotFound|PermissionDenied|DataLoss): )?(.*)$");

  private final Map<String, Map<String, String>> recorded = new HashMap<>();
  private BuildSite site;
  private CorpusContext context;

  @BeforeAll
  void open(@TempDir Path folder) throws IOException {
    site = BuildSite.open(folder);
    context =
        CorpusContext.open(
            Files.createDirectory(folder.resolve("corpus")), site.tool("git"), site.tool("tar"));
    TOPICS.forEach(topic -> recorded.put(topic, CorpusCase.recorded(topic)));
  }

  @AfterAll
  void close() {
    context.close();
    site.close();
  }

  static Stream<CorpusCase> cases() {
    return TOPICS.stream().flatMap(CorpusCase::of);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void itBecomesWhatTheGenuineDaemonMakesOfIt(CorpusCase corpusCase) {
    String report = String.join("\n", report(corpusCase)) + "\n";

    String folder = System.getProperty("slipway.corpus.record", "");
    if (folder.isEmpty()) {
      assertThat(report).isEqualTo(recorded.get(corpusCase.topic()).get(corpusCase.name()));
    } else {
      record(Path.of(folder), corpusCase, report);
    }
  }

  private static void record(Path folder, CorpusCase corpusCase, String report) {
    try {
      Files.writeString(
          Files.createDirectories(folder).resolve(corpusCase.topic() + ".recorded.txt"),
          "=== " + corpusCase.name() + "\n" + report,
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<String> report(CorpusCase corpusCase) {
    Path directory = context.directory(corpusCase);
    Path archive = site.path(corpusCase.topic() + "-" + corpusCase.name() + ".tar");
    Tool.Outcome outcome = build(corpusCase, directory, archive).run();
    List<String> lines = new ArrayList<>();
    if (outcome.exit() == 0) {
      lines.addAll(ImageReport.of(archive));
    } else {
      Matcher error = ERROR.matcher(outcome.all());
      assertThat(error.find()).as("%s", outcome).isTrue();
      lines.add("error " + error.group(1));
    }
    lines.addAll(progress(outcome.all()));
    return lines.stream().map(this::withoutPlace).toList();
  }

  private Tool build(CorpusCase corpusCase, Path directory, Path archive) {
    Map<String, String> options = new HashMap<>(corpusCase.options());
    boolean stamped = !"no".equals(options.remove("epoch"));
    String output = "type=oci,dest=" + archive;
    Tool build =
        site.buildctl()
            .with("build", "--frontend", "dockerfile.v0", "--progress", "rawjson")
            .with("--local", "context=" + directory, "--local", "dockerfile=" + directory)
            .with("--local", "other=" + directory.resolve("src"));
    if (stamped) {
      output += ",rewrite-timestamp=true";
      options.putIfAbsent("build-arg:SOURCE_DATE_EPOCH", "1600000000");
    }
    for (Map.Entry<String, String> option : options.entrySet()) {
      String value = option.getValue().replace("@SITE@", context.site());
      build = build.with("--opt", option.getKey() + "=" + value);
    }
    return build.with("--output", output);
  }

  /// The steps by name and what they warned of.
  private static List<String> progress(String rawJson) {
    TreeSet<String> lines = new TreeSet<>();
    for (String line : rawJson.lines().filter(each -> each.startsWith("{")).toList()) {
      JsonNode event = JsonMapper.shared().readTree(line);
      for (JsonNode vertex : event.path("vertexes")) {
        String name = vertex.path("name").asString("");
        if (name.startsWith("[")) {
          lines.add("step " + name);
        }
      }
      for (JsonNode warning : event.path("warnings")) {
        // Go writes its bytes as base64.
        lines.add(
            "warning "
                + new String(
                    warning.path("short").binaryValue(), java.nio.charset.StandardCharsets.UTF_8)
                + " "
                + warning.path("url").asString(""));
      }
    }
    return List.copyOf(lines);
  }

  /// Ports, random ids and the base image's digest say nothing of what was built.
  private String withoutPlace(String line) {
    return line.replace(context.site(), "@SITE@")
        .replace(site.baseImages.index(), "@BASE@")
        .replaceAll("checksum of ref [a-z0-9:]+", "checksum of ref @REF@");
  }
}
