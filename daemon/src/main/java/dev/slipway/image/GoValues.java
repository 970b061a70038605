package dev.slipway.image;

import dev.slipway.failure.InvalidRequest;
import dev.slipway.text.TruthValue;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Texts as Go reads and writes them: attributes and times.
public final class GoValues {
  private static final Pattern DURATION_PART =
      Pattern.compile("([0-9]+(?:\\.[0-9]*)?|\\.[0-9]+)(ns|us|µs|ms|s|m|h)");

  private GoValues() {}

  /// Go's `strconv.ParseBool`.
  ///
  /// @throws InvalidRequest `non-bool value specified for <key>: …`
  public static boolean bool(String key, String value) {
    return TruthValue.parse(value)
        .orElseThrow(
            () ->
                new InvalidRequest(
                    "non-bool value specified for "
                        + key
                        + ": strconv.ParseBool: parsing \""
                        + value
                        + "\": invalid syntax"));
  }

  /// As [#bool], where empty text counts as true.
  public static boolean flag(String key, String value) {
    return value.isEmpty() || bool(key, value);
  }

  /// Seconds since the epoch.
  ///
  /// @return empty for empty text
  public static Optional<Instant> epoch(String key, String value) {
    if (value.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(Instant.ofEpochSecond(Long.parseLong(value)));
    } catch (NumberFormatException | DateTimeException bad) {
      throw new InvalidRequest(
          "invalid " + key + ": strconv.ParseInt: parsing \"" + value + "\": invalid syntax", bad);
    }
  }

  /// A time of JSON, as Go would write it again; empty when it is none.
  static Optional<String> time(String text) {
    return parse(text).map(GoValues::format);
  }

  static Optional<OffsetDateTime> parse(String text) {
    try {
      return Optional.of(OffsetDateTime.parse(text));
    } catch (DateTimeException bad) {
      return Optional.empty();
    }
  }

  /// RFC 3339 with as many digits of the fraction as needed.
  public static String format(Instant time) {
    return format(time.atOffset(ZoneOffset.UTC));
  }

  static String format(OffsetDateTime time) {
    String text = time.withNano(0).toLocalDateTime().toString();
    String seconds = text.length() == 16 ? text + ":00" : text;
    String fraction = "";
    if (time.getNano() != 0) {
      fraction =
          "." + String.format(java.util.Locale.ROOT, "%09d", time.getNano()).replaceAll("0+$", "");
    }
    return seconds
        + fraction
        + (time.getOffset().getTotalSeconds() == 0 ? "Z" : time.getOffset().toString());
  }

  /// Go's `time.Time.String` of a time in UTC: `2023-11-14 22:13:20 +0000 UTC`.
  static String plain(Instant time) {
    return format(time).replace('T', ' ').replace("Z", "") + " +0000 UTC";
  }

  /// As Go writes it: `1h30m`, `1.5s`, `-2m`.
  public static Optional<Duration> duration(String text) {
    String unsigned = text.startsWith("-") || text.startsWith("+") ? text.substring(1) : text;
    if (unsigned.equals("0")) {
      return Optional.of(Duration.ZERO);
    }
    Matcher part = DURATION_PART.matcher(unsigned);
    double nanos = 0;
    int at = 0;
    while (at < unsigned.length() && part.find(at) && part.start() == at) {
      nanos += Double.parseDouble(part.group(1)) * nanosOf(part.group(2));
      at = part.end();
    }
    if (unsigned.isEmpty() || at < unsigned.length() || nanos > Long.MAX_VALUE) {
      return Optional.empty();
    }
    Duration duration = Duration.ofNanos((long) nanos);
    return Optional.of(text.startsWith("-") ? duration.negated() : duration);
  }

  private static double nanosOf(String unit) {
    return switch (unit) {
      case "h" -> 3.6e12;
      case "m" -> 6e10;
      case "s" -> 1e9;
      case "ms" -> 1e6;
      case "ns" -> 1;
      default -> 1e3;
    };
  }
}
