package dev.slipway.remotecache.object;

import dev.slipway.failure.AlreadyExists;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Denied;
import dev.slipway.failure.Fact.RegistryAnswer;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.NotFound;
import dev.slipway.failure.Unauthenticated;
import dev.slipway.failure.Unavailable;
import dev.slipway.registry.HttpAnswer;
import dev.slipway.registry.WireErrors;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What stores answer when they do not do what they were asked, as failures with their own words.
final class AnswerFailures {
  private static final int MAX_TEXT = 1000;
  private static final Pattern CODE = Pattern.compile("<Code>([^<]{1,200})</Code>");
  private static final Pattern MESSAGE = Pattern.compile("<Message>([^<]{1,2000})</Message>");

  private AnswerFailures() {}

  static BuildFailure of(HttpAnswer answer) {
    RegistryAnswer fact = read(answer);
    String said =
        fact.message().isEmpty() || fact.code().isEmpty()
            ? fact.code() + fact.message()
            : fact.code() + ": " + fact.message();
    String text =
        "unexpected status from "
            + answer.method()
            + " request to "
            + WireErrors.redacted(answer.uri())
            + ": "
            + answer.status()
            + (said.isEmpty() ? "" : ": " + said);
    Optional<Duration> pause =
        answer
            .header("Retry-After")
            .filter(value -> value.matches("[0-9]{1,6}"))
            .map(value -> Duration.ofSeconds(Long.parseLong(value)));
    if (fact.code().toLowerCase(java.util.Locale.ROOT).replace("_", "").contains("alreadyexists")) {
      return new AlreadyExists(text, fact);
    }
    return switch (answer.status()) {
      case 401 -> new Unauthenticated(text, fact);
      case 403 -> new Denied(text, fact);
      case 404 -> new NotFound(text, fact);
      case 412 -> new AlreadyExists(text, fact);
      case 400, 405, 411, 413, 415, 416 -> new InvalidRequest(text, fact);
      default ->
          pause
              .<BuildFailure>map(wait -> new Unavailable(text, new Later(wait)).with(fact))
              .orElseGet(() -> new Unavailable(text, fact));
    };
  }

  /// How long the service wants to be left alone.
  static Optional<Duration> wantedPause(BuildFailure failure) {
    for (Throwable each = failure; each != null; each = each.getCause()) {
      if (each instanceof Later later) {
        return Optional.of(later.pause);
      }
    }
    return Optional.empty();
  }

  static String place(HttpAnswer answer) {
    return WireErrors.redacted(answer.uri());
  }

  private static RegistryAnswer read(HttpAnswer answer) {
    String body = new String(answer.errorBody(), StandardCharsets.UTF_8).strip();
    String text = body.startsWith("\uFEFF") ? body.substring(1) : body;
    String host = answer.uri().getAuthority();
    if (text.startsWith("{")) {
      return ofJson(host, answer.status(), text);
    }
    String code =
        first(CODE, text)
            .or(() -> answer.header("x-ms-error-code"))
            .map(AnswerFailures::clip)
            .orElse("");
    String message = first(MESSAGE, text).orElse(text.startsWith("<") ? "" : text);
    return new RegistryAnswer(host, answer.status(), code, clip(message));
  }

  /// GitHub's two services: `typeKey` and `message`, or `code` and `msg`.
  private static RegistryAnswer ofJson(String host, int status, String text) {
    try {
      JsonNode json = JsonMapper.shared().readTree(text);
      String code = json.path("typeKey").asString(json.path("code").asString(""));
      String message = json.path("message").asString(json.path("msg").asString(""));
      return new RegistryAnswer(host, status, clip(code), clip(message));
    } catch (JacksonException none) {
      return new RegistryAnswer(host, status, "", clip(text));
    }
  }

  private static Optional<String> first(Pattern pattern, String text) {
    Matcher found = pattern.matcher(text);
    return found.find() ? Optional.of(found.group(1)) : Optional.empty();
  }

  private static String clip(String text) {
    String line = text.replaceAll("\\p{Cntrl}+", " ");
    return line.length() > MAX_TEXT ? line.substring(0, MAX_TEXT) + "…" : line;
  }

  /// Carries the pause asked for.
  private static final class Later extends Exception {
    private static final long serialVersionUID = 1;

    private final transient Duration pause;

    private Later(Duration pause) {
      super("retry after " + pause, null, false, false);
      this.pause = pause;
    }
  }
}
