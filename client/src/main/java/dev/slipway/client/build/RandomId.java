package dev.slipway.client.build;

import java.math.BigInteger;
import java.security.SecureRandom;

/// Names that nobody else picks, for builds, sessions and stores.
public final class RandomId {
  private static final int LENGTH = 25;

  private RandomId() {}

  /// As BuildKit's clients make them: 25 characters of base 36.
  public static String make() {
    String digits = "0".repeat(LENGTH) + new BigInteger(128, new SecureRandom()).toString(36);
    return digits.substring(digits.length() - LENGTH);
  }
}
