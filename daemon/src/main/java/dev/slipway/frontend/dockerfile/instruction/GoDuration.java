package dev.slipway.frontend.dockerfile.instruction;

import dev.slipway.frontend.dockerfile.shell.GoText;
import dev.slipway.frontend.dockerfile.source.DockerfileError;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Durations as Go writes them: `1h15m30.5s`.
public final class GoDuration {
  private static final Pattern PART = Pattern.compile("\\G([0-9]*)(\\.[0-9]*)?([^0-9.]+)");
  private static final Map<String, Long> NANOSECONDS =
      Map.of(
          "ns",
          1L,
          "us",
          1_000L,
          "µs",
          1_000L,
          "μs",
          1_000L,
          "ms",
          1_000_000L,
          "s",
          1_000_000_000L,
          "m",
          60_000_000_000L,
          "h",
          3_600_000_000_000L);
  private static final BigInteger LONGEST = BigInteger.valueOf(Long.MAX_VALUE);

  private GoDuration() {}

  /// Reads what [#print] writes, and more.
  public static Duration parse(String text) {
    String unsigned = text.startsWith("-") || text.startsWith("+") ? text.substring(1) : text;
    if (unsigned.equals("0")) {
      return Duration.ZERO;
    }
    BigDecimal total = BigDecimal.ZERO;
    int position = 0;
    Matcher part = PART.matcher(unsigned);
    while (position < unsigned.length() && part.find()) {
      String digits = part.group(1) + (part.group(2) == null ? "" : part.group(2));
      if (digits.isEmpty() || digits.equals(".")) {
        throw invalid("", text);
      }
      Long unit = NANOSECONDS.get(part.group(3));
      if (unit == null) {
        throw new DockerfileError(
            "time: unknown unit "
                + GoText.quote(part.group(3))
                + " in duration "
                + GoText.quote(text));
      }
      total = total.add(new BigDecimal("0" + digits).multiply(BigDecimal.valueOf(unit)));
      position = part.end();
    }
    if (unsigned.isEmpty() || position < unsigned.length()) {
      boolean number =
          position < unsigned.length() && unsigned.substring(position).matches("[0-9]*\\.?[0-9]*");
      throw invalid(number && !unsigned.endsWith(".") ? "missing unit in " : "", text);
    }
    BigInteger nanoseconds = total.toBigInteger();
    if (nanoseconds.compareTo(LONGEST) > 0) {
      throw invalid("", text);
    }
    Duration duration = Duration.ofNanos(nanoseconds.longValueExact());
    return text.startsWith("-") ? duration.negated() : duration;
  }

  private static DockerfileError invalid(String how, String text) {
    return new DockerfileError(
        "time: " + (how.isEmpty() ? "invalid " : how) + "duration " + GoText.quote(text));
  }

  /// As Go prints it: the largest unit first, fractions of the smallest, `0s` for nothing.
  public static String print(Duration duration) {
    if (duration.isZero()) {
      return "0s";
    }
    if (duration.isNegative()) {
      return "-" + print(duration.negated());
    }
    if (duration.compareTo(Duration.ofSeconds(1)) < 0) {
      long nanoseconds = duration.toNanos();
      return nanoseconds < 1_000
          ? nanoseconds + "ns"
          : nanoseconds < 1_000_000
              ? decimal(nanoseconds, 3) + "µs"
              : decimal(nanoseconds, 6) + "ms";
    }
    String seconds =
        decimal(duration.toSecondsPart() * 1_000_000_000L + duration.toNanosPart(), 9) + "s";
    String minutes = duration.toMinutes() == 0 ? "" : duration.toMinutesPart() + "m";
    String hours = duration.toHours() == 0 ? "" : duration.toHours() + "h";
    return hours + minutes + seconds;
  }

  private static String decimal(long value, int scale) {
    BigDecimal decimal = BigDecimal.valueOf(value, scale).stripTrailingZeros();
    return decimal.toPlainString();
  }
}
