package dev.slipway.provenance;

import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// A frontend's name and what it was called with, as far as that may be told.
///
/// @param frontend empty text for what a client asked that drives its build itself
/// @param options without those that concern this host or the attestations themselves, credentials
///   in addresses hidden
/// @param inputs who made the definitions it was given, by their names; only where that is known.
///   An input whose story is too long to be told again is left out
public record FrontendCall(
    String frontend, Map<String, String> options, Map<String, Producer> inputs) {
  private static final Set<String> OF_THIS_HOST =
      Set.of("cgroup-parent", "image-resolve-mode", "platform", "cache-imports");
  private static final String CONTEXT = "context";
  private static final String REPOSITORY = "vcs:source";

  /// Characters that the requests behind the inputs may take together. What is given on twice is
  /// told twice, so clients could make it grow without end.
  private static final long LONGEST_STORY = 1 << 22;

  /// Requests that may stand one behind another.
  private static final int DEEPEST_STORY = 64;

  /// What the names around a request take in a document, about.
  private static final long FRAME = 64;

  public FrontendCall {
    Map<String, String> told = new TreeMap<>();
    String context = options.getOrDefault("contextkey", CONTEXT);
    options.forEach(
        (key, value) -> {
          if (!OF_THIS_HOST.contains(key) && !key.startsWith("attest:")) {
            boolean address =
                key.equals(context) || key.startsWith(CONTEXT + ":") || key.equals(REPOSITORY);
            told.put(key, address ? Redaction.of(value) : value);
          }
        });
    options = Collections.unmodifiableMap(told);
    Map<String, Producer> made = new TreeMap<>();
    long length = 0;
    for (Map.Entry<String, Producer> input : new TreeMap<>(inputs).entrySet()) {
      FrontendCall maker = input.getValue().call();
      long more = input.getKey().length() + maker.length();
      if (length + more <= LONGEST_STORY && maker.depth() < DEEPEST_STORY) {
        length += more;
        made.put(input.getKey(), input.getValue());
      }
    }
    inputs = Collections.unmodifiableMap(made);
  }

  public FrontendCall(String frontend, Map<String, String> options) {
    this(frontend, options, Map.of());
  }

  /// Whether nothing of it can be told.
  boolean isBlank() {
    return frontend.isEmpty() && options.isEmpty() && inputs.isEmpty();
  }

  /// Characters, about.
  private long length() {
    long length = FRAME + frontend.length();
    for (Map.Entry<String, String> option : options.entrySet()) {
      length += option.getKey().length() + option.getValue().length();
    }
    for (Map.Entry<String, Producer> input : inputs.entrySet()) {
      length += input.getKey().length() + input.getValue().call().length();
    }
    return length;
  }

  private int depth() {
    int deepest = 0;
    for (Producer input : inputs.values()) {
      deepest = Math.max(deepest, input.call().depth());
    }
    return deepest + 1;
  }
}
