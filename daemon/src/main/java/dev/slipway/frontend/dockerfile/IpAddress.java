package dev.slipway.frontend.dockerfile;

import java.net.InetAddress;
import java.util.Optional;
import java.util.regex.Pattern;

/// Addresses in their shortest form, as they stand in the digest of a step.
final class IpAddress {
  private static final Pattern IPV4 =
      Pattern.compile("(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\\.(?!$)|$)){4}");

  private IpAddress() {}

  /// Empty when `text` is no address. Names are never looked up.
  static Optional<String> normalised(String text) {
    if (IPV4.matcher(text).matches()) {
      return Optional.of(text);
    }
    if (!text.contains(":") || text.contains("%") || text.contains("[")) {
      return Optional.empty();
    }
    try {
      byte[] address = InetAddress.ofLiteral(text).getAddress();
      return Optional.of(address.length == 4 ? ipv4(address) : ipv6(address));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static String ipv4(byte[] address) {
    return (address[0] & 0xff)
        + "."
        + (address[1] & 0xff)
        + "."
        + (address[2] & 0xff)
        + "."
        + (address[3] & 0xff);
  }

  /// RFC 5952: the first longest run of zero groups, two or more, becomes `::`.
  private static String ipv6(byte[] address) {
    int[] groups = new int[8];
    for (int i = 0; i < 8; i++) {
      groups[i] = ((address[2 * i] & 0xff) << 8) | (address[2 * i + 1] & 0xff);
    }
    int runStart = -1;
    int runLength = 1;
    for (int i = 0; i < 8; i++) {
      int length = 0;
      while (i + length < 8 && groups[i + length] == 0) {
        length++;
      }
      if (length > runLength) {
        runStart = i;
        runLength = length;
      }
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 8; i++) {
      if (i == runStart) {
        text.append("::");
        i += runLength - 1;
        continue;
      }
      if (!text.isEmpty() && text.charAt(text.length() - 1) != ':') {
        text.append(':');
      }
      text.append(Integer.toHexString(groups[i]));
    }
    return text.toString();
  }
}
