package dev.slipway.frontend.dockerfile.instruction;

import dev.slipway.frontend.dockerfile.instruction.Flags.Kind;
import dev.slipway.frontend.dockerfile.parser.Arguments;
import dev.slipway.frontend.dockerfile.parser.Statement;
import dev.slipway.frontend.dockerfile.shell.GoText;
import dev.slipway.frontend.dockerfile.source.DockerfileError;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Reads HEALTHCHECK.
final class HealthcheckReader {
  private static final Map<String, Kind> FLAGS =
      Map.of(
          "interval",
          Kind.TEXT,
          "timeout",
          Kind.TEXT,
          "start-period",
          Kind.TEXT,
          "start-interval",
          Kind.TEXT,
          "retries",
          Kind.TEXT);
  private static final Duration SHORTEST = Duration.ofMillis(1);

  private HealthcheckReader() {}

  static Instruction read(Statement statement, Origin origin) {
    if (!(statement.arguments() instanceof Arguments.Check(String written, Arguments command))) {
      throw new DockerfileError("HEALTHCHECK requires at least one argument");
    }
    String type = written.toUpperCase(Locale.ROOT);
    if (type.equals("NONE")) {
      if (!command.words().isEmpty()) {
        throw new DockerfileError("HEALTHCHECK NONE takes no arguments");
      }
      return new Instruction.Healthcheck(
          origin, List.of(type), Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO, 0);
    }
    Flags flags = Flags.parse(statement.flags(), FLAGS);
    if (!type.equals("CMD")) {
      throw new DockerfileError("Unknown type " + GoText.quote(type) + " in HEALTHCHECK (try CMD)");
    }
    if (command.words().isEmpty()) {
      throw new DockerfileError("Missing command after HEALTHCHECK CMD");
    }
    List<String> test = new ArrayList<>();
    test.add(command instanceof Arguments.Json ? "CMD" : "CMD-SHELL");
    test.addAll(command.words());
    return new Instruction.Healthcheck(
        origin,
        test,
        duration(flags, "interval"),
        duration(flags, "timeout"),
        duration(flags, "start-period"),
        duration(flags, "start-interval"),
        retries(flags));
  }

  private static Duration duration(Flags flags, String name) {
    String text = flags.text(name);
    if (text.isEmpty()) {
      return Duration.ZERO;
    }
    Duration duration = GoDuration.parse(text);
    if (!duration.isZero() && duration.compareTo(SHORTEST) < 0) {
      throw new DockerfileError("Interval " + GoText.quote(name) + " cannot be less than 1ms");
    }
    return duration;
  }

  private static int retries(Flags flags) {
    String text = flags.text("retries");
    if (text.isEmpty()) {
      return 0;
    }
    int retries =
        Numbers.parse(text, 10, Integer.MIN_VALUE, Integer.MAX_VALUE, "ParseInt").intValue();
    if (retries < 0) {
      throw new DockerfileError("--retries cannot be negative (" + retries + ")");
    }
    return retries;
  }
}
