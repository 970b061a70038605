package dev.slipway.remotecache.s3;

import dev.slipway.remotecache.object.UrlText;
import java.net.URI;

/// Where objects of a bucket are: at a host named after the bucket, or below a path.
///
/// @param base without slash at the end
record S3Address(String base) {
  private static final String HOST_LABEL = "[a-z0-9][a-z0-9-]{1,61}[a-z0-9]";

  static S3Address of(S3Settings settings) {
    URI endpoint = settings.endpoint().orElseGet(() -> amazons(settings.region()));
    String prefix = endpoint.getRawPath() == null ? "" : endpoint.getRawPath();
    boolean path =
        settings.endpoint().isPresent() && settings.pathStyle()
            || !canBeHost(settings.bucket(), endpoint);
    return path
        ? new S3Address(
            endpoint.getScheme()
                + "://"
                + endpoint.getRawAuthority()
                + prefix
                + "/"
                + UrlText.encoded(settings.bucket()))
        : new S3Address(
            endpoint.getScheme()
                + "://"
                + settings.bucket()
                + "."
                + endpoint.getRawAuthority()
                + prefix);
  }

  /// An object's.
  URI of(String key) {
    return URI.create(base + "/" + UrlText.path(key));
  }

  /// Certificates cover one level below the service's host only.
  private static boolean canBeHost(String bucket, URI endpoint) {
    boolean numbers = endpoint.getHost().matches("[0-9.]+|\\[.*");
    return bucket.matches(HOST_LABEL) && !numbers;
  }

  private static URI amazons(String region) {
    String domain = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
    return URI.create("https://s3." + region + "." + domain);
  }
}
