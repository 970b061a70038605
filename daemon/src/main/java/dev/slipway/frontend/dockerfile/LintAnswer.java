package dev.slipway.frontend.dockerfile;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.slipway.api.ops.Definition;
import dev.slipway.api.ops.SourceInfo;
import dev.slipway.failure.BuildFailure;
import dev.slipway.frontend.dockerfile.Subrequests.Answer;
import dev.slipway.frontend.dockerfile.graph.DefinitionWriter.SourceFile;
import dev.slipway.frontend.dockerfile.instruction.StageReader;
import dev.slipway.frontend.dockerfile.lint.LintWarning;
import dev.slipway.frontend.dockerfile.lint.Linter;
import dev.slipway.frontend.dockerfile.source.DockerfileError;
import dev.slipway.frontend.dockerfile.source.LineSpan;
import dev.slipway.wire.MessageJson;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// What the rules say about a Dockerfile, and what stops it from being built.
final class LintAnswer {
  private static final String RULER = "--------------------\n";

  private final DockerfileSource dockerfile;
  private final DockerfileBuild build;

  LintAnswer(DockerfileSource dockerfile, DockerfileBuild build) {
    this.dockerfile = dockerfile;
    this.build = build;
  }

  Answer find() {
    List<LintWarning> warnings = new ArrayList<>();
    Optional<DockerfileError> error = Optional.empty();
    try {
      build.inspect(new Linter(build.lintOptions(), warnings::add));
    } catch (DockerfileError e) {
      error = Optional.of(e);
    } catch (BuildFailure e) {
      error = Optional.of(DockerfileError.because(e.text(), e));
    }
    ObjectNode json = JsonMapper.shared().createObjectNode();
    ArrayNode found = json.putArray("warnings");
    warnings.forEach(warning -> add(found.addObject(), warning));
    json.putArray("sources").add(source(dockerfile.file()));
    error.ifPresent(
        problem -> {
          ObjectNode buildError = json.putObject("buildError").put("message", message(problem));
          buildError.set(
              "location",
              problem.places().isEmpty()
                  ? JsonMapper.shared().createObjectNode()
                  : LocationJson.of(problem.places().getFirst()));
        });
    boolean clean = warnings.isEmpty() && error.isEmpty();
    return new Answer(json, text(warnings), Optional.of(clean ? "0" : "1"));
  }

  /// The problem; where it is about an instruction, followed by those of other instructions, so
  /// that one check finds them all.
  private String message(DockerfileError problem) {
    List<String> all = new ArrayList<>();
    try {
      StageReader.problems(dockerfile.text()).forEach(each -> all.add(each.message()));
    } catch (DockerfileError unreadable) {
      return problem.message();
    }
    return all.contains(problem.message()) ? String.join("\n", all) : problem.message();
  }

  private static void add(ObjectNode json, LintWarning warning) {
    json.put("ruleName", warning.rule().title()).put("description", warning.rule().description());
    if (!warning.rule().url().isEmpty()) {
      json.put("url", warning.rule().url());
    }
    json.put("detail", warning.message());
    json.set("location", LocationJson.of(warning.place()));
  }

  private static ObjectNode source(SourceFile file) {
    SourceInfo.Builder info =
        SourceInfo.newBuilder()
            .setFilename(file.name())
            .setData(file.data())
            .setLanguage(file.language());
    file.definition().ifPresent(encoded -> info.setDefinition(definition(encoded)));
    return MessageJson.write(info.build());
  }

  private static Definition definition(ByteString encoded) {
    try {
      return Definition.parseFrom(encoded);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a source file has no definition", e);
    }
  }

  private String text(List<LintWarning> warnings) {
    StringBuilder text = new StringBuilder();
    warnings.stream()
        .sorted(Comparator.comparingInt(warning -> warning.place().first()))
        .forEach(
            warning -> {
              String url = warning.rule().url();
              text.append("\nWARNING: ")
                  .append(warning.rule().title())
                  .append(url.isEmpty() ? "" : " - " + url)
                  .append('\n')
                  .append(warning.message())
                  .append('\n');
              excerpt(text, warning.place());
            });
    return text.toString();
  }

  /// The lines concerned and a few around them.
  private void excerpt(StringBuilder text, LineSpan place) {
    String[] lines = dockerfile.text().split("\n", -1);
    if (place.first() < 1 || place.first() > lines.length) {
      return;
    }
    int start = place.first();
    int end = Math.min(place.last(), lines.length);
    int wanted = start == end ? 4 : 2;
    int around = 0;
    while (around < wanted) {
      int before = around;
      if (start > 1) {
        start--;
        around++;
      }
      if (end != lines.length) {
        end++;
        around++;
      }
      around += around == before ? wanted : 1; // a short file has no more lines
    }
    text.append(dockerfile.file().name())
        .append(':')
        .append(place.first())
        .append('\n')
        .append(RULER);
    for (int line = start; line <= end; line++) {
      String mark = line >= place.first() && line <= place.last() ? ">>>" : "   ";
      text.append(" %3d | %s %s\n".formatted(line, mark, lines[line - 1]));
    }
    text.append(RULER);
  }
}
