package dev.slipway.provenance;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// A frontend's name and the options that it was called with, as far as they may be told.
///
/// @param options without those that concern this host or the attestations themselves, credentials
///   in contexts hidden
public record FrontendCall(String frontend, Map<String, String> options) {
  private static final Set<String> OF_THIS_HOST =
      Set.of("cgroup-parent", "image-resolve-mode", "platform", "cache-imports");
  private static final String CONTEXT = "context";

  public FrontendCall {
    Map<String, String> told = new TreeMap<>();
    String context = options.getOrDefault("contextkey", CONTEXT);
    options.forEach(
        (key, value) -> {
          if (!OF_THIS_HOST.contains(key) && !key.startsWith("attest:")) {
            boolean address = key.equals(context) || key.startsWith(CONTEXT + ":");
            told.put(key, address ? Redaction.of(value) : value);
          }
        });
    options = java.util.Collections.unmodifiableMap(told);
  }
}
