package dev.slipway.frontend.dockerfile.instruction;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Amounts of memory as people write them: `10m`, `1.5 GiB`, `4096`. Units are powers of 1024.
final class ByteCount {
  private static final Pattern FORM =
      Pattern.compile("([0-9]+\\.?[0-9]*|\\.[0-9]+) ?(?:([kmgtp])(?:i?b)?|b)?");
  private static final String UNITS = "kmgtp";

  private ByteCount() {}

  static Optional<Long> parse(String text) {
    Matcher matcher = FORM.matcher(text.toLowerCase(Locale.ROOT));
    if (!matcher.matches() || matcher.group(1).length() > 30) {
      return Optional.empty();
    }
    int power = matcher.group(2) == null ? 0 : UNITS.indexOf(matcher.group(2)) + 1;
    BigInteger bytes =
        new BigDecimal(matcher.group(1))
            .multiply(BigDecimal.valueOf(1024).pow(power))
            .toBigInteger();
    return bytes.bitLength() > 63 ? Optional.empty() : Optional.of(bytes.longValueExact());
  }
}
