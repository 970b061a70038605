package dev.slipway.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.api.control.StatusResponse;
import dev.slipway.api.control.Vertex;
import dev.slipway.api.control.VertexWarning;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every Dockerfile of the corpus becomes the image that the genuine daemon makes of it: the same
/// configuration, history, layers, files, step names, warnings and errors.
///
/// Where we differ on purpose (DIFFERENCES.md), our own report stands beside the recording. The
/// client library builds in this process: a client's program would take longer to start than the
/// build takes.
///
/// The recordings are made by this test: run it on the genuine daemon (`slipway.test.daemon`) with
/// `slipway.corpus.record` naming a folder.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class DockerfileCorpusIT {
  private static final List<String> TOPICS =
      List.of(
          "from", "copy", "add", "run", "config", "text", "onbuild", "inputs", "advice", "errors");

  private final Map<String, Map<String, String>> expected = new HashMap<>();
  private BuildSite site;
  private CorpusContext context;
  private LibraryClient client;

  @BeforeAll
  void open(@TempDir Path folder) throws IOException {
    site = BuildSite.open(folder);
    context =
        CorpusContext.open(
            Files.createDirectory(folder.resolve("corpus")), site.tool("git"), site.tool("tar"));
    client = LibraryClient.of(site.daemon);
    for (String topic : TOPICS) {
      Map<String, String> reports = new HashMap<>(CorpusCase.recorded(topic));
      if (site.distribution.isOurs()) {
        reports.putAll(CorpusCase.deviating(topic));
      }
      expected.put(topic, reports);
    }
  }

  @AfterAll
  void close() {
    client.close();
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
      assertThat(report).isEqualTo(expected.get(corpusCase.topic()).get(corpusCase.name()));
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
    LibraryClient.Built built = client.build(spec(corpusCase, context.directory(corpusCase)));
    List<String> lines = new ArrayList<>();
    built
        .failure()
        .ifPresentOrElse(
            failure -> lines.add("error " + failure.text().lines().findFirst().orElse("")),
            () -> lines.addAll(ImageReport.of(built.archive())));
    lines.addAll(steps(built.progress()));
    return lines.stream().map(this::withoutPlace).toList();
  }

  private LibraryClient.Asked spec(CorpusCase corpusCase, Path directory) {
    Map<String, String> options = new HashMap<>(corpusCase.options());
    options.replaceAll((_, value) -> value.replace("@SITE@", context.site()));
    Map<String, String> output = new HashMap<>();
    if (!"no".equals(options.remove("epoch"))) {
      output.put("rewrite-timestamp", "true");
      options.putIfAbsent("build-arg:SOURCE_DATE_EPOCH", "1600000000");
    }
    return new LibraryClient.Asked(
        options,
        Map.of("context", directory, "dockerfile", directory, "other", directory.resolve("src")),
        output);
  }

  /// The steps by name and what they warned of.
  private static Set<String> steps(List<StatusResponse> progress) {
    Set<String> lines = new TreeSet<>();
    for (StatusResponse update : progress) {
      for (Vertex vertex : update.getVertexesList()) {
        if (vertex.getName().startsWith("[")) {
          lines.add("step " + vertex.getName());
        }
      }
      for (VertexWarning warning : update.getWarningsList()) {
        lines.add("warning " + warning.getShort().toStringUtf8() + " " + warning.getUrl());
      }
    }
    return lines;
  }

  /// Ports, random ids and the base image's digest say nothing of what was built.
  private String withoutPlace(String line) {
    return line.replace(context.site(), "@SITE@")
        .replace(site.baseImages.index(), "@BASE@")
        .replaceAll("checksum of ref [a-z0-9:]+", "checksum of ref @REF@");
  }
}
