package dev.slipway.remotecache.azblob;

import dev.slipway.remotecache.object.Hmac;
import dev.slipway.remotecache.object.ObjectRequest;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Signs with an account's key. See "Authorize with Shared Key" in Azure Storage's REST API.
final class AzureSharedKey {
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH)
          .withZone(ZoneOffset.UTC);

  private final String account;
  private final byte[] key;

  AzureSharedKey(String account, byte[] key) {
    this.account = account;
    this.key = key.clone();
  }

  ObjectRequest sign(ObjectRequest request, Instant now) {
    ObjectRequest dated = request.with("x-ms-date", DATE.format(now));
    String signature = Base64.getEncoder().encodeToString(Hmac.sha256(key, text(dated)));
    return dated.with("authorization", "SharedKey " + account + ":" + signature);
  }

  private String text(ObjectRequest request) {
    Map<String, String> headers = request.headers();
    String length = request.bytes() == 0 ? "" : Long.toString(request.bytes());
    String standard =
        Stream.of(
                request.method(),
                headers.getOrDefault("content-encoding", ""),
                headers.getOrDefault("content-language", ""),
                length,
                headers.getOrDefault("content-md5", ""),
                headers.getOrDefault("content-type", ""),
                "",
                headers.getOrDefault("if-modified-since", ""),
                headers.getOrDefault("if-match", ""),
                headers.getOrDefault("if-none-match", ""),
                headers.getOrDefault("if-unmodified-since", ""),
                headers.getOrDefault("range", ""))
            .collect(Collectors.joining("\n"));
    String own =
        headers.entrySet().stream()
            .filter(header -> header.getKey().startsWith("x-ms-"))
            .map(header -> "\n" + header.getKey() + ":" + header.getValue().strip())
            .collect(Collectors.joining());
    return standard + own + "\n" + resource(request.uri());
  }

  private String resource(URI uri) {
    SortedMap<String, String> query = new TreeMap<>();
    Optional.ofNullable(uri.getRawQuery()).stream()
        .flatMap(text -> Arrays.stream(text.split("&")))
        .filter(each -> !each.isEmpty())
        .forEach(
            each -> {
              int equals = each.indexOf('=') < 0 ? each.length() : each.indexOf('=');
              query.merge(
                  decoded(each.substring(0, equals)).toLowerCase(Locale.ROOT),
                  decoded(each.substring(Math.min(equals + 1, each.length()))),
                  (one, other) -> Stream.of(one, other).sorted().collect(Collectors.joining(",")));
            });
    return "/"
        + account
        + (uri.getRawPath().isEmpty() ? "/" : uri.getRawPath())
        + query.entrySet().stream()
            .map(each -> "\n" + each.getKey() + ":" + each.getValue())
            .collect(Collectors.joining());
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }
}
