package dev.slipway.llbsolver;

import java.math.BigInteger;
import java.security.SecureRandom;

/// Ids as BuildKit makes them: 25 characters of base 36 from a random number.
final class RandomId {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int LENGTH = 25;

  private RandomId() {}

  static String next() {
    String digits = new BigInteger(128, RANDOM).toString(36);
    return digits.length() >= LENGTH
        ? digits.substring(digits.length() - LENGTH)
        : "0".repeat(LENGTH - digits.length()) + digits;
  }
}
