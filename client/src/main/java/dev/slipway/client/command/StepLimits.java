package dev.slipway.client.command;

import dev.slipway.failure.InvalidRequest;
import dev.slipway.text.LimitName;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads what bounds steps: `--ulimit NAME=SOFT[:HARD]` and `--shm-size`, as Docker's clients take
/// them (`docker/go-units`).
final class StepLimits {
  private static final Pattern SIZE =
      Pattern.compile("([0-9]+(?:\\.[0-9]+)?) ?(?:([kmgtp])?i?b?)", Pattern.CASE_INSENSITIVE);
  private static final String UNITS = "kmgtp";

  private StepLimits() {}

  /// The limits in the form that the frontend takes; the last one of a name counts.
  ///
  /// @throws InvalidRequest one of them is none
  static String ulimits(List<String> texts) {
    Map<String, String> limits = new LinkedHashMap<>();
    for (String text : texts) {
      int equals = text.indexOf('=');
      if (equals < 0) {
        throw new InvalidRequest("invalid ulimit argument: " + text);
      }
      String name = text.substring(0, equals);
      if (!LimitName.isKnown(name)) {
        throw new InvalidRequest("invalid ulimit type: " + name);
      }
      limits.put(name, name + "=" + range(text.substring(equals + 1)));
    }
    return String.join(",", limits.values());
  }

  private static String range(String text) {
    String[] values = text.split(":", -1);
    if (values.length > 2) {
      throw new InvalidRequest(
          "too many limit value arguments - " + text + ", can only have up to two, `soft[:hard]`");
    }
    long soft = number(values[0]);
    long hard = values.length == 2 ? number(values[1]) : soft;
    boolean isSoftUnlimited = soft == -1;
    if (hard != -1 && (isSoftUnlimited || soft > hard)) {
      throw new InvalidRequest(
          "ulimit soft limit must be less than or equal to hard limit: "
              + (isSoftUnlimited ? "unlimited" : soft)
              + " > "
              + hard);
    }
    return soft + ":" + hard;
  }

  private static long number(String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException bad) {
      throw new InvalidRequest("strconv.ParseInt: parsing \"" + text + "\": invalid syntax", bad);
    }
  }

  /// Bytes; units count by 1024.
  ///
  /// @param text such as `64m` or `1.5GiB`
  /// @throws InvalidRequest it is none
  static long bytes(String text) {
    Matcher size = SIZE.matcher(text);
    if (!size.matches()) {
      throw new InvalidRequest("invalid size: '" + text + "'");
    }
    String unit = size.group(2) == null ? "" : size.group(2).toLowerCase(Locale.ROOT);
    int power = unit.isEmpty() ? 0 : UNITS.indexOf(unit) + 1;
    BigDecimal bytes = new BigDecimal(size.group(1)).multiply(BigDecimal.valueOf(1024).pow(power));
    if (bytes.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
      throw new InvalidRequest("invalid size: '" + text + "'");
    }
    return bytes.longValue();
  }
}
