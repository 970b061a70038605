package dev.slipway.provenance;

import java.util.regex.Pattern;

/// Takes credentials out of addresses.
public final class Redaction {
  private static final Pattern WITH_PASSWORD =
      Pattern.compile("^([a-zA-Z][a-zA-Z0-9+.-]*://)[^/@:?#]*:[^/@?#]*@");
  private static final Pattern WITH_USER =
      Pattern.compile("^([a-zA-Z][a-zA-Z0-9+.-]*://)[^/@:?#]+@");

  private Redaction() {}

  /// A text that is no URL stays as it is.
  public static String of(String url) {
    String hidden = WITH_PASSWORD.matcher(url).replaceFirst("$1xxxxx:xxxxx@");
    return hidden.equals(url) ? WITH_USER.matcher(url).replaceFirst("$1xxxxx@") : hidden;
  }
}
