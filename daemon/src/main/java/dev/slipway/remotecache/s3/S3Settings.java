package dev.slipway.remotecache.s3;

import dev.slipway.failure.InvalidRequest;
import dev.slipway.image.GoValues;
import dev.slipway.text.TruthValue;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What the attributes of an S3 cache say.
///
/// @param prefix of all keys, put in front as it is
/// @param names of the table; all are written, the first is read
/// @param touchRefresh layers not touched for so long are touched when they are used, for the
///   bucket's rules that remove old objects
/// @param endpoint where the service is; empty: Amazon's
/// @param credentials empty: from the daemon's surroundings
/// @param attempts of a request; empty: as usual
record S3Settings(
    String bucket,
    String region,
    String prefix,
    String manifestsPrefix,
    String blobsPrefix,
    List<String> names,
    Duration touchRefresh,
    Optional<URI> endpoint,
    boolean pathStyle,
    Optional<AwsCredentials> credentials,
    int parallelism,
    Optional<Integer> attempts) {

  S3Settings {
    names = List.copyOf(names);
  }

  /// @param environment the daemon's
  static S3Settings of(Map<String, String> attributes, Map<String, String> environment) {
    requireRetryMode(attributes.get("retry_mode"));
    return new S3Settings(
        required(attributes, "bucket", "AWS_BUCKET", environment),
        required(attributes, "region", "AWS_REGION", environment),
        attributes.getOrDefault("prefix", ""),
        attributes.getOrDefault("manifests_prefix", "manifests/"),
        attributes.getOrDefault("blobs_prefix", "blobs/"),
        List.of(attributes.getOrDefault("name", "buildkit").split(";", -1)),
        touchRefresh(attributes.get("touch_refresh")),
        endpoint(attributes, environment),
        TruthValue.isTrue(attributes.getOrDefault("use_path_style", "")),
        credentials(attributes),
        positive(attributes, "upload_parallelism").orElse(4),
        positive(attributes, "retry_max_attempts"));
  }

  String tableKey(String name) {
    return prefix + manifestsPrefix + name;
  }

  String blobKey(String digest) {
    return prefix + blobsPrefix + digest;
  }

  private static String required(
      Map<String, String> attributes,
      String key,
      String variable,
      Map<String, String> environment) {
    return Optional.ofNullable(attributes.get(key))
        .or(() -> Optional.ofNullable(environment.get(variable)))
        .orElseThrow(() -> new InvalidRequest(key + " ($" + variable + ") not set for s3 cache"));
  }

  /// What cannot be read means the default, as BuildKit has it.
  private static Duration touchRefresh(@Nullable String text) {
    return Optional.ofNullable(text).flatMap(GoValues::duration).orElse(Duration.ofHours(24));
  }

  private static Optional<URI> endpoint(
      Map<String, String> attributes, Map<String, String> environment) {
    Optional<String> text =
        Optional.ofNullable(attributes.get("endpoint_url"))
            .filter(url -> !url.isEmpty())
            .or(() -> Optional.ofNullable(environment.get("AWS_ENDPOINT_URL_S3")))
            .or(() -> Optional.ofNullable(environment.get("AWS_ENDPOINT_URL")));
    return text.map(S3Settings::endpoint);
  }

  private static URI endpoint(String text) {
    try {
      URI uri = new URI(text.replaceAll("/+$", ""));
      if (uri.getHost() != null
          && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
        return uri;
      }
    } catch (URISyntaxException bad) {
      throw new InvalidRequest("invalid endpoint_url \"" + text + "\": " + bad.getReason(), bad);
    }
    throw new InvalidRequest(
        "invalid endpoint_url \"" + text + "\": want http://host[:port] or https://host[:port]");
  }

  private static Optional<AwsCredentials> credentials(Map<String, String> attributes) {
    String id = attributes.getOrDefault("access_key_id", "");
    String secret = attributes.getOrDefault("secret_access_key", "");
    return id.isEmpty() || secret.isEmpty()
        ? Optional.empty()
        : Optional.of(
            AwsCredentials.of(id, secret, Optional.ofNullable(attributes.get("session_token"))));
  }

  private static Optional<Integer> positive(Map<String, String> attributes, String key) {
    Optional<String> text = Optional.ofNullable(attributes.get(key));
    if (text.isPresent() && !text.get().matches("0*[1-9][0-9]{0,8}")) {
      throw new InvalidRequest(key + " must be a positive integer");
    }
    return text.map(Integer::parseInt);
  }

  /// Both modes mean the same here: fewer requests while the service has too much to do.
  private static void requireRetryMode(@Nullable String mode) {
    if (mode != null && !mode.equals("standard") && !mode.equals("adaptive")) {
      throw new InvalidRequest("retry_mode must be \"standard\" or \"adaptive\"");
    }
  }
}
