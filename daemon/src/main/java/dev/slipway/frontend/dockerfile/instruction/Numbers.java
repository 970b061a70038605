package dev.slipway.frontend.dockerfile.instruction;

import dev.slipway.frontend.dockerfile.shell.GoText;
import dev.slipway.frontend.dockerfile.source.DockerfileError;
import dev.slipway.text.TruthValue;
import java.math.BigInteger;

/// Whole numbers and truth values in flags and options, with the reference's words for what is
/// wrong about them.
public final class Numbers {
  private Numbers() {}

  /// @param reader the name of the Go function the reference reads this with, which its message
  ///   names
  static Long parse(String text, int radix, long least, long most, String reader) {
    boolean signed = text.startsWith("-") || text.startsWith("+");
    String digits = signed ? text.substring(1) : text;
    boolean wellFormed =
        !digits.isEmpty()
            && digits.chars().allMatch(ch -> ch < 128 && Character.digit(ch, radix) >= 0);
    if (!wellFormed || (signed && least >= 0)) {
      throw new DockerfileError(
          "strconv." + reader + ": parsing " + GoText.quote(text) + ": invalid syntax");
    }
    BigInteger value = new BigInteger(text, radix);
    if (value.compareTo(BigInteger.valueOf(least)) < 0
        || value.compareTo(BigInteger.valueOf(most)) > 0) {
      throw new DockerfileError(
          "strconv." + reader + ": parsing " + GoText.quote(text) + ": value out of range");
    }
    return value.longValueExact();
  }

  /// A decimal number of 64 bits.
  public static long parseLong(String text) {
    return parse(text, 10, Long.MIN_VALUE, Long.MAX_VALUE, "ParseInt");
  }

  /// A decimal number that is not negative.
  public static long parseUnsigned(String text) {
    return parse(text, 10, 0, Long.MAX_VALUE, "ParseUint");
  }

  /// `1`, `t`, `true` and the like.
  public static boolean parseTruth(String text) {
    return TruthValue.parse(text)
        .orElseThrow(
            () ->
                new DockerfileError(
                    "strconv.ParseBool: parsing " + GoText.quote(text) + ": invalid syntax"));
  }
}
