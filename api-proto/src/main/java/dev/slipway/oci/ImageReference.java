package dev.slipway.oci;

import dev.slipway.failure.InvalidRequest;
import java.util.Optional;
import java.util.regex.Pattern;

/// The full name of an image: `docker.io/library/alpine:3.22`, `localhost:5000/a/b@sha256:…`, or
/// both tag and digest.
///
/// Short names are completed as the field has it (distribution's `ParseNormalizedNamed`): `alpine`
/// is `docker.io/library/alpine`. A name without tag and digest means the tag `latest`
/// ([#withDefaultTag]).
///
/// @param host registry with its port; `docker.io` for the Hub
/// @param repository path in the registry, such as `library/alpine`
public record ImageReference(
    String host, String repository, Optional<String> tag, Optional<Digest> digest) {
  private static final String HUB = "docker.io";
  private static final Pattern REPOSITORY =
      Pattern.compile(
          "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*)*");
  private static final Pattern TAG = Pattern.compile("\\w[\\w.-]{0,127}");
  private static final Pattern HOST =
      Pattern.compile(
          "(?:(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*"
              + "|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?");

  public ImageReference {
    if (!HOST.matcher(host).matches()
        || !REPOSITORY.matcher(repository).matches()
        || host.length() + repository.length() > 255) {
      throw new InvalidRequest(
          "invalid reference format: \"" + clip(host + "/" + repository) + "\"");
    }
    if (tag.isPresent() && !TAG.matcher(tag.get()).matches()) {
      throw new InvalidRequest("invalid tag format: \"" + clip(tag.get()) + "\"");
    }
  }

  /// Parses a full or short name.
  ///
  /// @throws InvalidRequest when the text has another form
  public static ImageReference parse(String text) {
    String rest = text;
    Optional<Digest> digest = Optional.empty();
    int at = rest.indexOf('@');
    if (at >= 0) {
      digest = Optional.of(Digest.parse(rest.substring(at + 1)));
      rest = rest.substring(0, at);
    }
    Optional<String> tag = Optional.empty();
    int colon = rest.lastIndexOf(':');
    if (colon > rest.lastIndexOf('/')) {
      tag = Optional.of(rest.substring(colon + 1));
      rest = rest.substring(0, colon);
    }
    if (Digest.isDigest("sha256:" + rest) && digest.isEmpty() && tag.isEmpty()) {
      throw new InvalidRequest(
          "invalid repository name (" + rest + "), cannot specify 64-byte hexadecimal strings");
    }
    int slash = rest.indexOf('/');
    String first = slash < 0 ? "" : rest.substring(0, slash);
    if (isHost(first)) {
      String host = first.equals("index.docker.io") ? HUB : first;
      String path = rest.substring(slash + 1);
      return new ImageReference(
          host, host.equals(HUB) && path.indexOf('/') < 0 ? "library/" + path : path, tag, digest);
    }
    return new ImageReference(HUB, slash < 0 ? "library/" + rest : rest, tag, digest);
  }

  /// Host and repository, as in `docker.io/library/alpine`.
  public String name() {
    return host + "/" + repository;
  }

  /// As people write it: the Hub's host and `library/` left out.
  public String familiar() {
    String name = name();
    if (host.equals(HUB)) {
      String inHub =
          repository.startsWith("library/")
              ? repository.substring("library/".length())
              : repository;
      name = inHub.indexOf('/') >= 0 && !repository.startsWith("library/") ? repository : inHub;
    }
    return name + suffix();
  }

  /// Tagged `latest` when neither tag nor digest is given.
  public ImageReference withDefaultTag() {
    return tag.isEmpty() && digest.isEmpty() ? withTag("latest") : this;
  }

  public ImageReference withTag(String newTag) {
    return new ImageReference(host, repository, Optional.of(newTag), digest);
  }

  public ImageReference withDigest(Digest newDigest) {
    return new ImageReference(host, repository, tag, Optional.of(newDigest));
  }

  public ImageReference withoutTag() {
    return new ImageReference(host, repository, Optional.empty(), digest);
  }

  @Override
  public String toString() {
    return name() + suffix();
  }

  private String suffix() {
    return tag.map(text -> ":" + text).orElse("") + digest.map(value -> "@" + value).orElse("");
  }

  private static boolean isHost(String first) {
    return first.indexOf('.') >= 0
        || first.indexOf(':') >= 0
        || first.equals("localhost")
        || !first.equals(first.toLowerCase(java.util.Locale.ROOT));
  }

  private static String clip(String text) {
    return text.length() > 300 ? text.substring(0, 300) + "…" : text;
  }
}
