package dev.slipway.frontend.dockerfile;

import dev.slipway.failure.Fact;
import dev.slipway.failure.Unsupported;
import dev.slipway.frontend.FrontendResult;
import dev.slipway.frontend.dockerfile.convert.Outline;
import dev.slipway.llb.DefinitionJson;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import tools.jackson.core.util.DefaultIndenter;
import tools.jackson.core.util.DefaultPrettyPrinter;
import tools.jackson.core.util.Separators;
import tools.jackson.core.util.Separators.Spacing;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Answers questions about a Dockerfile instead of building it. Answers are metadata of a result
/// without a tree: JSON for programs, a table for people.
///
/// Names and forms: BuildKit's `frontend/subrequests` (v0.32.2).
final class Subrequests {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final DefaultPrettyPrinter PRINTED =
      new DefaultPrettyPrinter(
              Separators.createDefaultInstance()
                  .withObjectNameValueSpacing(Spacing.AFTER)
                  .withArrayEmptySeparator("")
                  .withObjectEmptySeparator(""))
          .withArrayIndenter(new DefaultIndenter("  ", "\n"))
          .withObjectIndenter(new DefaultIndenter("  ", "\n"));
  private static final String VERSION = "1.0.0";

  private final DockerfileSource dockerfile;
  private final DockerfileBuild build;

  Subrequests(DockerfileSource dockerfile, DockerfileBuild build) {
    this.dockerfile = dockerfile;
    this.build = build;
  }

  /// @param request its name
  FrontendResult answer(String request) {
    return switch (request) {
      case "frontend.subrequests.describe" -> describe();
      case "frontend.targets" -> result(TargetsAnswer.of(dockerfile));
      case "frontend.outline" -> outline();
      case "frontend.lint" -> result(new LintAnswer(dockerfile, build).find());
      case "frontend.convertllb" -> definition();
      default ->
          throw new Unsupported(
              "unsupported request " + request, new Fact.UnsupportedSubrequest(request));
    };
  }

  /// What an answer says.
  ///
  /// @param json for programs
  /// @param table for people
  /// @param status exit code a client shall end with, if the answer has an opinion
  record Answer(ObjectNode json, String table, Optional<String> status) {}

  private static FrontendResult result(Answer answer) {
    return result(print(answer.json()), answer.table(), answer.status());
  }

  private static FrontendResult result(String json, String table, Optional<String> status) {
    SequencedMap<String, byte[]> metadata = new LinkedHashMap<>();
    metadata.put("result.json", utf8(json));
    metadata.put("result.txt", utf8(table));
    status.ifPresent(code -> metadata.put("result.statuscode", utf8(code)));
    metadata.put("version", utf8(VERSION));
    return FrontendResult.of(Optional.empty(), metadata);
  }

  /// With the blanks and line breaks that the reference prints: clients show it as it is.
  private static String print(JsonNode json) {
    return JSON.writer().with(PRINTED).writeValueAsString(json);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private FrontendResult outline() {
    Outline outline = build.outline();
    return result(OutlineAnswer.of(outline, dockerfile));
  }

  /// For programs only. The reference does not list this request among those it describes.
  private FrontendResult definition() {
    ObjectNode json = DefinitionJson.of(build.definition());
    SequencedMap<String, byte[]> metadata = new LinkedHashMap<>();
    metadata.put("result.json", utf8(print(json)));
    metadata.put("version", utf8("0.1.0"));
    return FrontendResult.of(Optional.empty(), metadata);
  }

  private static FrontendResult describe() {
    ArrayNode requests = JSON.createArrayNode();
    TextTable table = new TextTable(1).row("NAME", "VERSION", "DESCRIPTION");
    describe(
        requests,
        table,
        "frontend.outline",
        "List all parameters current build target supports",
        true);
    describe(requests, table, "frontend.targets", "List all targets current build supports", false);
    describe(
        requests, table, "frontend.subrequests.describe", "List available subrequest types", false);
    return result(print(requests), table.toString(), Optional.empty());
  }

  private static void describe(
      ArrayNode requests, TextTable table, String name, String description, boolean takesTarget) {
    ObjectNode request = requests.addObject();
    request
        .put("name", name)
        .put("version", VERSION)
        .put("type", "rpc")
        .put("description", description);
    ArrayNode options = request.putArray("opts");
    if (takesTarget) {
      options.addObject().put("name", "target").put("description", "Target build stage");
    }
    request.putNull("inputs");
    ArrayNode metadata = request.putArray("metadata");
    for (String key : List.of("result.json", "result.txt")) {
      metadata.addObject().put("name", key).put("description", "");
    }
    request.putNull("refs");
    table.row(name.substring("frontend.".length()), VERSION, description);
  }
}
