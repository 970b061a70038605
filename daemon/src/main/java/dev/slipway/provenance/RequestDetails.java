package dev.slipway.provenance;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/// A frontend's call taken apart: where its configuration came from, which version control revision
/// the client says it was, and the remaining arguments.
///
/// @param frontend empty text when there was none
/// @param source address of the build context; empty text when it is the client's
/// @param path of the configuration in it, such as `Dockerfile`
/// @param repository facts that the client gave as `vcs:…`; taken out of the build's own request
///   only
/// @param inputs the requests that made its inputs, by name
/// @param root what the client asked, where that is another request than this
record RequestDetails(
    String frontend,
    String source,
    Map<String, String> sourceDigests,
    String path,
    Map<String, String> arguments,
    Map<String, String> repository,
    Map<String, RequestDetails> inputs,
    Optional<RequestDetails> root) {
  private static final String VCS = "vcs:";

  /// The request that a result was made for.
  static RequestDetails of(Capture capture) {
    RequestDetails request =
        of(capture.call().orElseGet(() -> new FrontendCall("", Map.of())), capture);
    Map<String, String> arguments = new TreeMap<>(request.arguments());
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
        request.frontend(),
        request.source(),
        request.sourceDigests(),
        request.path(),
        arguments,
        repository,
        request.inputs(),
        capture.root().map(root -> of(root, capture)));
  }

  /// @param sources among which its build context may be
  static RequestDetails of(FrontendCall call, Capture sources) {
    return of(call, source -> digestsOf(source, sources));
  }

  private static RequestDetails of(
      FrontendCall call, Function<String, Map<String, String>> digestsOf) {
    Map<String, String> arguments = new TreeMap<>(call.options());
    String contextKey = contextKey(arguments);
    String context = Optional.ofNullable(arguments.get(contextKey)).orElse("");
    String source = "";
    Map<String, String> digests = Map.of();
    if (!context.isEmpty()) {
      source = Redaction.of(context);
      digests = digestsOf.apply(source);
      arguments.remove(contextKey);
    }
    String path = Optional.ofNullable(arguments.get("filename")).orElse("");
    if (!path.isEmpty()) {
      arguments.remove("filename");
    }
    Map<String, RequestDetails> inputs = new TreeMap<>();
    call.inputs()
        .forEach(
            (name, producer) ->
                inputs.put(name, of(producer.call(), _ -> producer.contextDigests())));
    return new RequestDetails(
        call.frontend(), source, digests, path, arguments, Map.of(), inputs, Optional.empty());
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

  /// Whether there are arguments that may be confidential, here or in a request within.
  boolean holdsArguments() {
    return arguments.keySet().stream().anyMatch(RequestDetails::mayBeConfidential)
        || inputs.values().stream().anyMatch(RequestDetails::holdsArguments)
        || root.filter(RequestDetails::holdsArguments).isPresent();
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
