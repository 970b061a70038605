package dev.slipway.client.progress;

import java.time.Duration;
import java.util.Locale;

/// Numbers as people read them. Pure.
public final class Amounts {
  private static final String[] UNITS = {"B", "kB", "MB", "GB", "TB", "PB"};

  private Amounts() {}

  /// Bytes with a decimal unit: `1.04MB`.
  public static String bytes(long bytes) {
    double value = bytes;
    int unit = 0;
    while (value >= 1000 && unit < UNITS.length - 1) {
      value /= 1000;
      unit++;
    }
    return unit == 0 ? bytes + "B" : String.format(Locale.ROOT, "%.2f%s", value, UNITS[unit]);
  }

  /// Seconds with one digit: `1.2s`.
  public static String seconds(Duration duration) {
    return String.format(Locale.ROOT, "%.1fs", duration.toMillis() / 1000.0);
  }

  /// Done of all, or done alone where the whole is unknown.
  static String amount(long current, long total) {
    if (total > 0) {
      return bytes(current) + " / " + bytes(total);
    }
    return current > 0 ? bytes(current) : "";
  }
}
