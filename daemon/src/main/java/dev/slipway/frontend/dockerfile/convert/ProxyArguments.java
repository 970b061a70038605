package dev.slipway.frontend.dockerfile.convert;

import dev.slipway.frontend.dockerfile.graph.ExecNode.Proxy;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// The proxy variables among the build arguments. Steps get them whether declared or not; caches
/// and histories do not.
final class ProxyArguments {
  private ProxyArguments() {}

  /// Upper- and lower-case names are the same; of two forms the lower-case one counts.
  static Optional<Proxy> find(SortedMap<String, String> arguments) {
    Map<String, String> values = new TreeMap<>();
    arguments.forEach((name, value) -> values.put(name.toLowerCase(Locale.ROOT), value));
    values.keySet().removeIf(name -> !name.matches("(?:https?|ftp|no|all)_proxy"));
    if (values.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Proxy(
            values.getOrDefault("http_proxy", ""),
            values.getOrDefault("https_proxy", ""),
            values.getOrDefault("ftp_proxy", ""),
            values.getOrDefault("no_proxy", ""),
            values.getOrDefault("all_proxy", "")));
  }
}
