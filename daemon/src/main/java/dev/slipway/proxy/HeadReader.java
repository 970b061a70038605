package dev.slipway.proxy;

import dev.slipway.failure.InvalidRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Reads what comes before the body of a request (RFC 9112, 3 and 5). Stateless.
final class HeadReader {
  private static final int MOST_BYTES = 64 << 10;

  private HeadReader() {}

  /// @return empty when the connection ends before a request begins
  /// @throws InvalidRequest it is no request, or too long
  static Optional<RequestHead> read(InputStream in) throws IOException {
    List<String> lines = new ArrayList<>();
    int left = MOST_BYTES;
    while (true) {
      Optional<String> line = line(in, left);
      if (line.isEmpty()) {
        if (lines.isEmpty()) {
          return Optional.empty();
        }
        throw new InvalidRequest("the connection ended within a request");
      }
      left -= line.get().length() + 2;
      if (!line.get().isEmpty()) {
        lines.add(line.get());
      } else if (!lines.isEmpty()) {
        return Optional.of(parse(lines));
      }
    }
  }

  /// One line without its end; empty at the end of the stream.
  static Optional<String> line(InputStream in, int mostBytes) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) {
        return bytes.size() == 0 ? Optional.empty() : Optional.of(text(bytes));
      }
      if (bytes.size() >= mostBytes) {
        throw new InvalidRequest("a request's head exceeds " + MOST_BYTES + " bytes");
      }
      bytes.write(next);
    }
    String line = text(bytes);
    return Optional.of(line.endsWith("\r") ? line.substring(0, line.length() - 1) : line);
  }

  private static String text(ByteArrayOutputStream bytes) {
    return bytes.toString(StandardCharsets.ISO_8859_1);
  }

  private static RequestHead parse(List<String> lines) {
    String[] first = lines.getFirst().split(" ", -1);
    if (first.length != 3 || !first[2].matches("HTTP/1\\.[0-9]") || !isToken(first[0])) {
      throw new InvalidRequest("malformed request line");
    }
    List<RequestHead.Field> fields = new ArrayList<>();
    for (String line : lines.subList(1, lines.size())) {
      int colon = line.indexOf(':');
      if (colon < 1 || !isToken(line.substring(0, colon))) {
        throw new InvalidRequest("malformed header field");
      }
      fields.add(
          new RequestHead.Field(line.substring(0, colon), line.substring(colon + 1).strip()));
    }
    return new RequestHead(first[0], first[1], first[2].charAt(7) - '0', fields);
  }

  private static boolean isToken(String text) {
    return text.matches("[!#$%&'*+.^_`|~0-9A-Za-z-]+");
  }
}
