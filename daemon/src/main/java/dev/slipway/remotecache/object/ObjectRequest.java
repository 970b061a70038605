package dev.slipway.remotecache.object;

import dev.slipway.registry.HttpSender;
import java.net.URI;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// A request as it is meant, to be signed and sent any number of times. Immutable.
///
/// @param headers by lower-case name
public record ObjectRequest(
    String method, URI uri, Map<String, String> headers, Optional<HttpSender.Body> body) {
  public ObjectRequest {
    headers = Collections.unmodifiableMap(new TreeMap<>(headers));
  }

  public static ObjectRequest of(String method, URI uri) {
    return new ObjectRequest(method, uri, Map.of(), Optional.empty());
  }

  public ObjectRequest with(String header, String value) {
    Map<String, String> more = new TreeMap<>(headers);
    more.put(header, value);
    return new ObjectRequest(method, uri, more, body);
  }

  public ObjectRequest with(HttpSender.Body sent) {
    return new ObjectRequest(method, uri, headers, Optional.of(sent));
  }

  public ObjectRequest with(byte[] sent) {
    return with(HttpSender.Body.of(sent));
  }

  /// Length of the body in bytes.
  public long bytes() {
    return body.map(sent -> sent.bytes().orElseThrow()).orElse(0L);
  }
}
