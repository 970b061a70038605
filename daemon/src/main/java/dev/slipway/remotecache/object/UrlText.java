package dev.slipway.remotecache.object;

import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Texts as parts of URLs: all but RFC 3986's unreserved characters is percent-encoded, as the
/// stores' signatures want it.
public final class UrlText {
  private static final String UNRESERVED =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  private static final String DIGITS = "0123456789ABCDEF";

  private UrlText() {}

  public static String encoded(String text) {
    StringBuilder encoded = new StringBuilder();
    for (byte each : text.getBytes(StandardCharsets.UTF_8)) {
      if (UNRESERVED.indexOf(each) >= 0) {
        encoded.append((char) each);
      } else {
        encoded
            .append('%')
            .append(DIGITS.charAt(each >> 4 & 0xf))
            .append(DIGITS.charAt(each & 0xf));
      }
    }
    return encoded.toString();
  }

  /// A path, whose slashes stay.
  public static String path(String path) {
    return Stream.of(path.split("/", -1)).map(UrlText::encoded).collect(Collectors.joining("/"));
  }
}
