package dev.slipway.client.command;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Fact.AtSource;
import dev.slipway.failure.Fact.SourceRange;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.text.TruthValue;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What follows `--call`: a question for the frontend instead of a build, and how its answer is
/// shown (buildx, `util/buildflags/call.go`, `commands/build.go`). Immutable.
///
/// @param name of the request: `outline`, `targets`, `lint`, …
/// @param format `json`, or empty for people
/// @param ignoresStatus whether an answer that things are not well still is a success
record Call(String name, String format, boolean ignoresStatus) {
  private static final String CAPS = "frontend.caps";
  private static final String SUBREQUESTS = "moby.buildkit.frontend.subrequests+forward";

  /// @param text `check`, `outline,format=json`, …
  /// @return empty for `build`
  /// @throws InvalidRequest the text is no such thing
  static Optional<Call> parse(String text) {
    String name = "";
    String format = "";
    boolean ignoresStatus = false;
    for (String field : text.split(",")) {
      int equals = field.indexOf('=');
      String value = field.substring(equals + 1);
      switch (equals < 0 ? "" : field.substring(0, equals)) {
        case "" -> {
          if (!name.isEmpty()) {
            throw new InvalidRequest("invalid print value: " + text);
          }
          name = field;
        }
        case "format" -> format = value;
        case "ignorestatus" ->
            ignoresStatus =
                TruthValue.parse(value)
                    .orElseThrow(
                        () -> new InvalidRequest("invalid ignorestatus print value: " + value));
        default -> throw new InvalidRequest("invalid print field: " + field);
      }
    }
    return switch (name) {
      case "", "build" -> Optional.empty();
      case "check" -> Optional.of(new Call("lint", format, ignoresStatus));
      default -> Optional.of(new Call(name, format, ignoresStatus));
    };
  }

  /// Those of a build, with the request.
  Map<String, String> askedWith(Map<String, String> options) {
    Map<String, String> all = new LinkedHashMap<>(options);
    all.merge(CAPS, SUBREQUESTS, (others, ours) -> others + "," + ours);
    all.put("requestid", "frontend." + name);
    return all;
  }

  /// Shows the frontend's answer.
  ///
  /// @param answer by the names of its parts
  /// @param dockerfile the path by which the user knows it, if it is a file of ours; findings are
  ///   shown there
  /// @return exit code
  /// @throws BuildFailure the answer is that it could not be built
  int show(Map<String, byte[]> answer, Optional<String> dockerfile, PrintStream out) {
    boolean forPrograms = format.equals("json");
    JsonNode findings = name.equals("lint") ? json(part(answer, "result.json")) : json("{}");
    int warnings = findings.path("warnings").size();
    if (forPrograms) {
      out.println(part(answer, "result.json"));
    } else {
      if (warnings > 0) {
        out.println(
            "Check complete, "
                + (warnings == 1
                    ? "1 warning has been found!"
                    : warnings + " warnings have been found!"));
      }
      out.print(placed(part(answer, "result.txt"), findings, dockerfile));
    }
    if (findings.has("buildError")) {
      throw buildError(findings, dockerfile);
    }
    if (name.equals("lint") && warnings == 0 && !forPrograms) {
      out.println("Check complete, no warnings found.");
    }
    String status = part(answer, "result.statuscode");
    return ignoresStatus || !status.matches("[0-9]{1,3}") ? 0 : Integer.parseInt(status);
  }

  /// The text with the lines that only name a place, `Dockerfile:8`, naming it as the user does.
  private static String placed(String text, JsonNode findings, Optional<String> dockerfile) {
    String name = findings.at("/sources/0/filename").asString("");
    return name.isEmpty() || dockerfile.isEmpty()
        ? text
        : Pattern.compile("^" + Pattern.quote(name) + "(?=:\\d+$)", Pattern.MULTILINE)
            .matcher(text)
            .replaceAll(Matcher.quoteReplacement(dockerfile.get()));
  }

  private static String part(Map<String, byte[]> answer, String name) {
    byte[] bytes = answer.get(name);
    return bytes == null ? "" : new String(bytes, StandardCharsets.UTF_8);
  }

  private static JsonNode json(String text) {
    try {
      return JsonMapper.shared().readTree(text);
    } catch (JacksonException broken) {
      throw new InvalidRequest("the frontend's answer is no JSON: " + broken.getMessage(), broken);
    }
  }

  private static BuildFailure buildError(JsonNode findings, Optional<String> dockerfile) {
    JsonNode error = findings.path("buildError");
    InvalidRequest failure = new InvalidRequest(error.path("message").asString(""));
    JsonNode location = error.path("location");
    JsonNode source = findings.path("sources").path(location.path("sourceIndex").asInt(0));
    List<SourceRange> ranges = new ArrayList<>();
    location
        .path("ranges")
        .forEach(
            range ->
                ranges.add(
                    new SourceRange(
                        range.at("/start/line").asInt(0), 0, range.at("/end/line").asInt(0), 0)));
    if (source.isMissingNode() || ranges.isEmpty()) {
      return failure;
    }
    byte[] text = Base64.getDecoder().decode(source.path("data").asString(""));
    return failure.with(
        new AtSource(
            dockerfile.orElse(source.path("filename").asString("")),
            "Dockerfile",
            text,
            new byte[0],
            ranges));
  }
}
