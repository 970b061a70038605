package dev.slipway.registry;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.util.Optional;
import java.util.OptionalLong;

/// A response whose body is still to be read. Caller closes.
public record HttpAnswer(String method, URI uri, int status, HttpHeaders headers, InputStream body)
    implements AutoCloseable {
  private static final int MAX_ERROR_BODY = 64 * 1024;

  public Optional<String> header(String name) {
    return headers.firstValue(name);
  }

  public OptionalLong contentLength() {
    try {
      return headers.firstValueAsLong("Content-Length");
    } catch (NumberFormatException bad) {
      return OptionalLong.empty();
    }
  }

  /// What the server says about a failure, as far as it can be read.
  public byte[] errorBody() {
    try {
      return body.readNBytes(MAX_ERROR_BODY);
    } catch (IOException cut) {
      return new byte[0];
    }
  }

  @Override
  public void close() {
    try {
      body.close();
    } catch (IOException ignored) {
      // Nothing more is wanted of it.
    }
  }
}
