package dev.slipway.remotecache.s3;

import dev.slipway.oci.Digest;
import dev.slipway.remotecache.object.Hmac;
import dev.slipway.remotecache.object.ObjectRequest;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Signature Version 4, as S3 wants it: the path is not encoded a second time, and the body's hash
/// is among the headers. All headers of the request are signed; those the client adds on sending
/// are not, so that a proxy which changes them (Google's changes `Accept-Encoding`) does no harm.
/// See "Signature Calculations for the Authorization Header" in the S3 API reference.
final class AwsSignature {
  /// SHA-256 of nothing.
  static final String EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

  private final String region;
  private final String service;

  AwsSignature(String region, String service) {
    this.region = region;
    this.service = service;
  }

  /// The request with its date, the hash of its body (taken for empty where no header says it) and
  /// the signature.
  ObjectRequest sign(ObjectRequest request, AwsCredentials credentials, Instant now) {
    String time = TIME.format(now);
    ObjectRequest dated = request.with("x-amz-date", time);
    if (!dated.headers().containsKey("x-amz-content-sha256")) {
      dated = dated.with("x-amz-content-sha256", EMPTY);
    }
    if (credentials.sessionToken().isPresent()) {
      dated = dated.with("x-amz-security-token", credentials.sessionToken().get());
    }
    SortedMap<String, String> headers = new TreeMap<>(dated.headers());
    headers.put("host", hostOf(dated.uri()));
    String names = String.join(";", headers.keySet());
    String scope = time.substring(0, 8) + "/" + region + "/" + service + "/aws4_request";
    String text =
        "AWS4-HMAC-SHA256\n"
            + time
            + "\n"
            + scope
            + "\n"
            + Digest.ofText(canonical(dated, headers, names)).hex();
    String signature =
        HexFormat.of().formatHex(Hmac.sha256(key(credentials, time.substring(0, 8)), text));
    return dated.with(
        "authorization",
        "AWS4-HMAC-SHA256 Credential="
            + credentials.accessKeyId()
            + "/"
            + scope
            + ",SignedHeaders="
            + names
            + ",Signature="
            + signature);
  }

  private static String canonical(
      ObjectRequest request, Map<String, String> headers, String names) {
    String lines =
        headers.entrySet().stream()
            .map(header -> header.getKey() + ":" + header.getValue().strip() + "\n")
            .collect(Collectors.joining());
    String path = request.uri().getRawPath();
    return request.method()
        + "\n"
        + (path.isEmpty() ? "/" : path)
        + "\n"
        + query(request.uri())
        + "\n"
        + lines
        + "\n"
        + names
        + "\n"
        + headers.get("x-amz-content-sha256");
  }

  /// Sorted, each with an equals sign; names and values are encoded in the request already.
  private static String query(URI uri) {
    return Optional.ofNullable(uri.getRawQuery()).stream()
        .flatMap(query -> Arrays.stream(query.split("&")))
        .map(each -> each.contains("=") ? each : each + "=")
        .sorted()
        .collect(Collectors.joining("&"));
  }

  /// As the client sends it: without the scheme's own port.
  private static String hostOf(URI uri) {
    int usual = uri.getScheme().equals("https") ? 443 : 80;
    return uri.getPort() < 0 || uri.getPort() == usual
        ? uri.getHost()
        : uri.getHost() + ":" + uri.getPort();
  }

  private byte[] key(AwsCredentials credentials, String day) {
    byte[] start = ("AWS4" + credentials.secretAccessKey()).getBytes(StandardCharsets.UTF_8);
    return Hmac.sha256(
        Hmac.sha256(Hmac.sha256(Hmac.sha256(start, day), region), service), "aws4_request");
  }
}
