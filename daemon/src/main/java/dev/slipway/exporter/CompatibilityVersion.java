package dev.slipway.exporter;

import dev.slipway.failure.InvalidRequest;
import java.util.Arrays;

/// Whose results a build asks for: images come out as that BuildKit release made them
/// (`solver/llbsolver/compat`, v0.32.2).
public enum CompatibilityVersion {
  V0_13(10),
  V0_15(20),
  V0_31(30);

  public static final CompatibilityVersion CURRENT = V0_31;

  private final int number;

  CompatibilityVersion(int number) {
    this.number = number;
  }

  /// @param number as in a Solve request; 0 means current
  /// @throws InvalidRequest there is no such version
  public static CompatibilityVersion of(long number) {
    if (number == 0) {
      return CURRENT;
    }
    return Arrays.stream(values())
        .filter(version -> version.number == number)
        .findFirst()
        .orElseThrow(() -> unknown(number));
  }

  public int number() {
    return number;
  }

  private static InvalidRequest unknown(long number) {
    String text = "unsupported compatibility-version " + number;
    return new InvalidRequest(
        number > CURRENT.number
            ? text + ": upgrade buildkit (max supported: " + CURRENT.number + ")"
            : text
                + " (supported: "
                + Arrays.stream(values()).map(CompatibilityVersion::number).toList()
                + ")");
  }
}
