package dev.slipway.remotecache.object.testing;

import dev.slipway.remotecache.object.testing.ObjectServer.Answer;
import dev.slipway.remotecache.object.testing.ObjectServer.Asked;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// A real store of objects, behind an [ObjectServer], which notes what is asked for and makes it go
/// wrong where a test wants that.
///
/// @param server `http://host:port`
public record RelayedStore(URI server) implements ObjectServer.Store {
  /// Of one connection, or told anew by whoever sends.
  private static final Set<String> NOT_RELAYED =
      Set.of("connection", "content-length", "date", "http2-settings", "keep-alive", "upgrade");

  private static final byte[] END_OF_HEAD = {'\r', '\n', '\r', '\n'};

  /// HTTP/1.0 has one request to a connection and no pieces. The host stays the one that was asked,
  /// which is signed.
  @Override
  public Answer answer(Asked asked) throws IOException {
    StringBuilder head = new StringBuilder();
    head.append(asked.method()).append(' ').append(asked.target()).append(" HTTP/1.0\r\n");
    asked.headers().entrySet().stream()
        .filter(header -> isRelayed(header.getKey()))
        .forEach(
            header ->
                head.append(header.getKey()).append(": ").append(header.getValue()).append("\r\n"));
    head.append("content-length: ").append(asked.body().length).append("\r\n\r\n");
    try (Socket socket = new Socket(server.getHost(), server.getPort())) {
      OutputStream out = socket.getOutputStream();
      out.write(head.toString().getBytes(StandardCharsets.ISO_8859_1));
      out.write(asked.body());
      out.flush();
      return parse(socket.getInputStream().readAllBytes(), asked.method().equals("HEAD"));
    }
  }

  private static boolean isRelayed(String header) {
    return !NOT_RELAYED.contains(header.toLowerCase(Locale.ROOT));
  }

  private static Answer parse(byte[] bytes, boolean head) throws IOException {
    int end = 0;
    while (end + 4 <= bytes.length
        && !Arrays.equals(bytes, end, end + 4, END_OF_HEAD, 0, END_OF_HEAD.length)) {
      end++;
    }
    if (end + 4 > bytes.length) {
      throw new IOException("the store gave no answer");
    }
    String[] lines = new String(bytes, 0, end, StandardCharsets.ISO_8859_1).split("\r\n");
    Map<String, String> headers = new HashMap<>();
    for (String line : Arrays.asList(lines).subList(1, lines.length)) {
      String name = line.substring(0, line.indexOf(':'));
      if (isRelayed(name) || (head && name.equalsIgnoreCase("content-length"))) {
        headers.put(name, line.substring(line.indexOf(':') + 1).strip());
      }
    }
    return new Answer(
        Integer.parseInt(lines[0].split(" ")[1]),
        headers,
        Arrays.copyOfRange(bytes, end + 4, bytes.length));
  }
}
