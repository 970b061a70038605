package dev.slipway.provenance;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// A frontend's call taken apart: where its configuration came from, which version control revision
/// the client says it was, and the remaining arguments.
///
/// @param frontend empty text when there was none
/// @param source address of the build context; empty text when it is the client's
/// @param path of the configuration in it, such as `Dockerfile`
/// @param repository facts that the client gave as `vcs:…`
record RequestDetails(
    String frontend,
    String source,
    Map<String, String> sourceDigests,
    String path,
    Map<String, String> arguments,
    Map<String, String> repository) {
  private static final String VCS = "vcs:";

  static RequestDetails of(Capture capture) {
    Map<String, String> arguments =
        new TreeMap<>(capture.call().map(FrontendCall::options).orElse(Map.of()));
    String contextKey = contextKey(arguments);
    String context = Optional.ofNullable(arguments.get(contextKey)).orElse("");
    String source = "";
    Map<String, String> digests = Map.of();
    if (!context.isEmpty()) {
      source = Redaction.of(context);
      digests = digestsOf(source, capture);
      arguments.remove(contextKey);
    }
    String path = Optional.ofNullable(arguments.get("filename")).orElse("");
    if (!path.isEmpty()) {
      arguments.remove("filename");
    }
    Map<String, String> repository = new TreeMap<>();
    arguments.forEach(
        (key, value) -> {
          if (key.startsWith(VCS) && !value.isEmpty()) {
            String name = key.substring(VCS.length());
            repository.put(name, name.equals("source") ? Redaction.of(value) : value);
          }
        });
    arguments.keySet().removeIf(key -> key.startsWith(VCS));
    return new RequestDetails(
        capture.call().map(FrontendCall::frontend).orElse(""),
        source,
        digests,
        path,
        arguments,
        repository);
  }

  private static String contextKey(Map<String, String> arguments) {
    String named = Optional.ofNullable(arguments.get("contextkey")).orElse("");
    if (!named.isEmpty()) {
      return named;
    }
    boolean input = !Optional.ofNullable(arguments.get("input:context")).orElse("").isEmpty();
    return input ? "input:context" : "context";
  }

  private static Map<String, String> digestsOf(String source, Capture capture) {
    String repository = source.replaceFirst("(#[^:]*):.*$", "$1").replaceFirst("#$", "");
    for (Material.Git git : capture.git()) {
      if (git.url().equals(repository)) {
        return commit(git);
      }
    }
    for (Material.Http http : capture.http()) {
      if (http.url().equals(source)) {
        return Predicate.digests(http.digest());
      }
    }
    return Map.of();
  }

  static Map<String, String> commit(Material.Git git) {
    return Map.of(git.commit().length() == 64 ? "sha256" : "sha1", git.commit());
  }

  /// Whether there are arguments that may be confidential.
  boolean holdsArguments() {
    return arguments.keySet().stream().anyMatch(RequestDetails::mayBeConfidential);
  }

  Map<String, String> harmlessArguments() {
    Map<String, String> harmless = new TreeMap<>(arguments);
    harmless.keySet().removeIf(RequestDetails::mayBeConfidential);
    return harmless;
  }

  private static boolean mayBeConfidential(String key) {
    return key.startsWith("build-arg:") || key.startsWith("label:");
  }
}
