package dev.slipway.config;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Durations and amounts of disk as buildkitd's configuration writes them.
final class Quantities {
  private static final Pattern DURATION_PART =
      Pattern.compile("([0-9]*\\.?[0-9]+|[0-9]+\\.)(ns|us|µs|μs|ms|s|m|h)");
  private static final Pattern SPACE = Pattern.compile("([0-9]+(?:\\.[0-9]+)?) ?([kmgtp]?)i?b?");

  private Quantities() {}

  /// A number of seconds, or Go's form: `48h`, `1h30m`, `500ms`.
  ///
  /// @throws IllegalArgumentException it is neither
  static Duration duration(String text) {
    if (text.matches("[0-9]{1,12}")) {
      return Duration.ofSeconds(Long.parseLong(text));
    }
    Matcher part = DURATION_PART.matcher(text);
    BigDecimal nanos = BigDecimal.ZERO;
    int at = 0;
    while (part.find() && part.start() == at) {
      nanos =
          nanos.add(
              new BigDecimal(part.group(1)).multiply(BigDecimal.valueOf(nanosOf(part.group(2)))));
      at = part.end();
    }
    if (at == 0 || at != text.length()) {
      throw new IllegalArgumentException(
          "invalid duration \"" + text + "\": want seconds or a form like 1h30m");
    }
    return Duration.ofNanos(nanos.longValue());
  }

  private static long nanosOf(String unit) {
    return switch (unit) {
      case "ns" -> 1;
      case "us", "µs", "μs" -> 1_000;
      case "ms" -> 1_000_000;
      case "s" -> 1_000_000_000;
      case "m" -> 60_000_000_000L;
      default -> 3_600_000_000_000L;
    };
  }

  /// A number of bytes, with a decimal unit (`512MB`), or a share (`10%`).
  ///
  /// @throws IllegalArgumentException it is none of these
  static DiskSpace space(String text) {
    if (text.matches("[0-9]{1,3}%")) {
      return new DiskSpace.Share(Long.parseLong(text.substring(0, text.length() - 1)));
    }
    Matcher matcher = SPACE.matcher(text.toLowerCase(Locale.ROOT));
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "invalid size \"" + text + "\": want bytes, a form like 512MB, or a share like 10%");
    }
    long unit =
        switch (matcher.group(2)) {
          case "k" -> 1_000L;
          case "m" -> 1_000_000L;
          case "g" -> 1_000_000_000L;
          case "t" -> 1_000_000_000_000L;
          case "p" -> 1_000_000_000_000_000L;
          default -> 1L;
        };
    return new DiskSpace.Bytes(
        new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(unit)).longValue());
  }
}
