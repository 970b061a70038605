package dev.slipway.proxy;

import java.net.URI;

/// Addresses as users may see them. Pure.
final class ShownUrl {
  private ShownUrl() {}

  /// Without credentials, and without the port that is meant anyway.
  static String of(URI address) {
    String authority = String.valueOf(address.getRawAuthority());
    int at = authority.lastIndexOf('@');
    String host = authority.substring(at + 1);
    String usual = "https".equals(address.getScheme()) ? ":443" : ":80";
    if (host.endsWith(usual)) {
      host = host.substring(0, host.length() - usual.length());
    }
    String hidden = at < 0 ? "" : "xxxxx:xxxxx@";
    String path = address.getRawPath() == null ? "" : address.getRawPath();
    String query = address.getRawQuery() == null ? "" : "?" + address.getRawQuery();
    return address.getScheme() + "://" + hidden + host + path + query;
  }
}
