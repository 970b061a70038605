package dev.slipway.proxy;

import dev.slipway.failure.InvalidRequest;
import java.util.List;
import java.util.Optional;

/// What comes before the body of a request.
///
/// @param target as sent: an address, a path, or `host:port` for CONNECT
/// @param minorVersion of HTTP/1
record RequestHead(String method, String target, int minorVersion, List<Field> fields) {
  record Field(String name, String value) {}

  RequestHead {
    fields = List.copyOf(fields);
  }

  Optional<String> field(String name) {
    return fields.stream()
        .filter(field -> field.name().equalsIgnoreCase(name))
        .map(Field::value)
        .findFirst();
  }

  boolean isConnect() {
    return method.equals("CONNECT");
  }

  /// Whether the peer may send another request on the same connection.
  boolean keepsAlive() {
    String connection = field("Connection").or(() -> field("Proxy-Connection")).orElse("");
    return minorVersion > 0
        ? !connection.equalsIgnoreCase("close")
        : connection.equalsIgnoreCase("keep-alive");
  }

  boolean isChunked() {
    return field("Transfer-Encoding").isPresent();
  }

  /// How long the body is; 0 when there is none, or when it is chunked.
  long bodyBytes() {
    if (isChunked()) {
      return 0;
    }
    String length = field("Content-Length").orElse("0");
    if (!length.matches("[0-9]{1,18}")) {
      throw new InvalidRequest("invalid Content-Length");
    }
    return Long.parseLong(length);
  }
}
