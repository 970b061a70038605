package dev.slipway.remotecache.gha;

import dev.slipway.failure.InvalidRequest;
import dev.slipway.image.GoValues;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/// What the attributes of a GitHub Actions cache say. Clients take most of them from the
/// environment of the workflow.
///
/// @param scope tells caches of one repository apart
/// @param url of the service, without slash at the end
/// @param version of the protocol, 1 or 2
/// @param token for the service
/// @param timeout how long one request is repeated while the service wants fewer of them
/// @param listing where keys can be listed at once instead of asked for one by one
record GhaSettings(
    String scope,
    String url,
    int version,
    String token,
    Duration timeout,
    Optional<Listing> listing) {
  /// @param repository `owner/name`
  /// @param token for GitHub's REST API
  record Listing(String repository, String token) {}

  static GhaSettings of(Map<String, String> attributes) {
    String token =
        Optional.ofNullable(attributes.get("token"))
            .orElseThrow(() -> new InvalidRequest("token not set for github actions cache"));
    int wanted = version(Optional.ofNullable(attributes.get("version")));
    Optional<String> newer =
        wanted == 1 ? Optional.empty() : Optional.ofNullable(attributes.get("url_v2"));
    String url =
        newer
            .filter(text -> !text.isEmpty())
            .or(() -> Optional.ofNullable(attributes.get("url")))
            .filter(text -> !text.isEmpty())
            .orElseThrow(() -> new InvalidRequest("url not set for github actions cache"));
    int version =
        newer.isPresent()
            ? 2
            : wanted != 0
                ? wanted
                : url.contains("results-receiver.actions.githubusercontent.com") ? 2 : 1;
    requireUrl(url);
    return new GhaSettings(
        attributes.getOrDefault("scope", "buildkit"),
        url.replaceAll("/+$", ""),
        version,
        token,
        timeout(Optional.ofNullable(attributes.get("timeout"))),
        listing(attributes.getOrDefault("repository", ""), attributes.getOrDefault("ghtoken", "")));
  }

  private static int version(Optional<String> text) {
    if (text.isPresent() && !text.get().matches("[+-]?[0-9]{1,9}")) {
      throw new InvalidRequest(
          "failed to parse api version \"" + text.get() + "\", expected positive integer");
    }
    return text.map(Integer::parseInt).orElse(0);
  }

  private static Duration timeout(Optional<String> text) {
    return text.map(
            value ->
                GoValues.duration(value)
                    .orElseThrow(
                        () ->
                            new InvalidRequest(
                                "failed to parse timeout for github actions cache: time: invalid"
                                    + " duration \""
                                    + value
                                    + "\"")))
        .orElse(Duration.ofMinutes(10));
  }

  private static Optional<Listing> listing(String repository, String token) {
    return repository.isEmpty() || token.isEmpty()
        ? Optional.empty()
        : Optional.of(new Listing(repository, token));
  }

  private static void requireUrl(String text) {
    try {
      URI uri = new URI(text);
      if (uri.getHost() != null && uri.getScheme().startsWith("http")) {
        return;
      }
    } catch (URISyntaxException bad) {
      throw new InvalidRequest("invalid url for github actions cache: " + bad.getReason(), bad);
    }
    throw new InvalidRequest("invalid url for github actions cache: \"" + text + "\"");
  }
}
