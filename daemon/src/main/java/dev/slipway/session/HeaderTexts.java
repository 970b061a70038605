package dev.slipway.session;

import io.grpc.Metadata;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// Lists of text as request metadata, the way BuildKit's file services read them: as they are while
/// all of them are ASCII; else all query-escaped, and a key beside says so.
final class HeaderTexts {
  private HeaderTexts() {}

  static void put(Metadata headers, String key, List<String> values) {
    boolean escape = values.stream().anyMatch(value -> value.chars().anyMatch(c -> c > 127));
    for (String value : values) {
      headers.put(
          SessionHeaders.key(key),
          escape ? URLEncoder.encode(value, StandardCharsets.UTF_8) : value);
    }
    if (escape) {
      headers.put(SessionHeaders.key(key + "-encoded"), "1");
    }
  }
}
