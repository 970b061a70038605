package dev.slipway.client.command;

import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.Unsupported;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// Reads what follows `--add-host`: `HOST:IP` or `HOST=IP`, the address in brackets or not, several
/// with commas between (buildx, `build/utils.go`).
final class ExtraHosts {
  private static final Pattern FOUR_NUMBERS = Pattern.compile("\\d+\\.\\d+\\.\\d+\\.\\d+");

  private ExtraHosts() {}

  /// The hosts in the form that the frontend takes.
  ///
  /// @throws InvalidRequest one of them is none
  static String of(List<String> texts) {
    List<String> hosts = new ArrayList<>();
    for (String text : texts) {
      for (String host : text.split(",")) {
        hosts.add(one(host));
      }
    }
    return String.join(",", hosts);
  }

  private static String one(String text) {
    int split = text.indexOf('=') < 0 ? text.indexOf(':') : text.indexOf('=');
    if (split <= 0 || split == text.length() - 1) {
      throw new InvalidRequest("invalid host " + text);
    }
    String address = text.substring(split + 1);
    if (address.equals("host-gateway")) {
      throw new Unsupported(
          "unable to derive the IP value for host-gateway: the daemon does not tell it; give the"
              + " address");
    }
    if (address.startsWith("[") && address.endsWith("]")) {
      address = address.substring(1, address.length() - 1);
    }
    if (!isAddress(address)) {
      throw new InvalidRequest("invalid host " + text);
    }
    return text.substring(0, split) + "=" + address;
  }

  private static boolean isAddress(String text) {
    if (!text.contains(":") && !FOUR_NUMBERS.matcher(text).matches()) {
      return false;
    }
    try {
      return !InetAddress.ofLiteral(text).getHostAddress().isEmpty();
    } catch (IllegalArgumentException none) {
      return false;
    }
  }
}
