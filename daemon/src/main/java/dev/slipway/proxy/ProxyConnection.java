package dev.slipway.proxy;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Cancelled;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.oci.Digest;
import dev.slipway.proxy.Fetches.Fetch;
import dev.slipway.task.Interruption;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/// One connection of a step: its requests one after the other, each answered before the next is
/// read. In a tunnel (CONNECT) the proxy speaks as the server that was asked for, so that it sees
/// the requests. Confined to its thread.
final class ProxyConnection {
  /// What concerns one hop only (RFC 9110, 7.6.1), and what the HTTP client sets itself.
  private static final Set<String> NOT_FORWARDED =
      Set.of(
          "connection",
          "keep-alive",
          "proxy-authenticate",
          "proxy-authorization",
          "proxy-connection",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade",
          "http2-settings",
          "content-length",
          "expect",
          "host",
          "accept-encoding");

  private final HttpClient client;
  private final CertificateAuthority authority;
  private final NetworkPolicy policy;
  private final Fetches fetches;

  ProxyConnection(
      HttpClient client, CertificateAuthority authority, NetworkPolicy policy, Fetches fetches) {
    this.client = client;
    this.authority = authority;
    this.policy = policy;
    this.fetches = fetches;
  }

  /// Until the peer ends it.
  void serve(Socket socket) throws IOException {
    InputStream in = new BufferedInputStream(socket.getInputStream());
    OutputStream out = new BufferedOutputStream(socket.getOutputStream());
    Optional<RequestHead> next = HeadReader.read(in);
    if (next.filter(RequestHead::isConnect).isPresent()) {
      write(out, "HTTP/1.1 200 Connection Established\r\n\r\n");
      out.flush();
      tunnel(socket, in, next.get().target());
      return;
    }
    answerAll(next, in, out, "http://");
  }

  private void tunnel(Socket socket, InputStream in, String target) throws IOException {
    String host = target.replaceFirst(":[0-9]*$", "").replaceAll("[\\[\\]]", "");
    byte[] early = in.readNBytes(in.available());
    try (Socket secured =
        authority
            .contextFor(host)
            .getSocketFactory()
            .createSocket(socket, new java.io.ByteArrayInputStream(early), true)) {
      if (secured instanceof SSLSocket tls) {
        SSLParameters parameters = tls.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"http/1.1"});
        tls.setSSLParameters(parameters);
        tls.startHandshake();
      }
      InputStream plain = new BufferedInputStream(secured.getInputStream());
      OutputStream out = new BufferedOutputStream(secured.getOutputStream());
      answerAll(HeadReader.read(plain), plain, out, "https://" + target);
    }
  }

  /// @param base address that a request's path is meant on; only a scheme where the request names
  ///   its host
  private void answerAll(Optional<RequestHead> first, InputStream in, OutputStream out, String base)
      throws IOException {
    Optional<RequestHead> next = first;
    while (next.isPresent() && answer(next.get(), in, out, base)) {
      next = HeadReader.read(in);
    }
  }

  /// @return whether another request may follow
  private boolean answer(RequestHead head, InputStream in, OutputStream out, String base)
      throws IOException {
    URI wanted;
    try {
      wanted = address(head, base);
    } catch (IllegalArgumentException | InvalidRequest malformed) {
      refuse(out, "400 Bad Request", "Bad Request");
      return false;
    }
    URI allowed;
    try {
      allowed = policy.check(head.method(), wanted);
    } catch (Cancelled gone) {
      throw gone;
    } catch (BuildFailure denied) {
      refuse(out, "403 Forbidden", "Forbidden");
      return false;
    }
    BodyInput body = BodyInput.of(head, in);
    HttpResponse<InputStream> response;
    try {
      response =
          client.send(request(head, allowed, body), HttpResponse.BodyHandlers.ofInputStream());
    } catch (IOException | IllegalArgumentException failed) {
      fetches.add(
          new Fetch(
              head.method(),
              ShownUrl.of(allowed),
              502,
              Optional.empty(),
              Optional.empty(),
              Optional.of("upstream_error")));
      refuse(out, "502 Bad Gateway", String.valueOf(failed.getMessage()));
      return false;
    } catch (InterruptedException interrupted) {
      throw Interruption.cancelled(interrupted);
    }
    boolean goesOn = head.keepsAlive() && body.hasEnded();
    try (InputStream content = response.body()) {
      return pass(head, allowed, response, content, goesOn, out);
    }
  }

  private static URI address(RequestHead head, String base) {
    String target = head.target();
    if (target.startsWith("http://") || target.startsWith("https://")) {
      return URI.create(target);
    }
    if (!target.startsWith("/")) {
      throw new InvalidRequest("the request names no address");
    }
    String host = base.endsWith("//") ? head.field("Host").orElse("") : "";
    return URI.create(base + host + target);
  }

  private static HttpRequest request(RequestHead head, URI address, BodyInput body) {
    HttpRequest.BodyPublisher content = HttpRequest.BodyPublishers.noBody();
    if (!body.hasEnded()) {
      content = HttpRequest.BodyPublishers.ofInputStream(() -> body);
      if (!head.isChunked()) {
        content = HttpRequest.BodyPublishers.fromPublisher(content, head.bodyBytes());
      }
    }
    HttpRequest.Builder request =
        HttpRequest.newBuilder(address)
            .version(HttpClient.Version.HTTP_1_1)
            .method(head.method(), content);
    for (RequestHead.Field field : head.fields()) {
      if (!NOT_FORWARDED.contains(field.name().toLowerCase(Locale.ROOT))) {
        request.header(field.name(), field.value());
      }
    }
    return request.build();
  }

  /// Hands the answer on and takes note of it.
  private boolean pass(
      RequestHead head,
      URI address,
      HttpResponse<InputStream> response,
      InputStream content,
      boolean goesOn,
      OutputStream out)
      throws IOException {
    int status = response.statusCode();
    boolean hasBody = !head.method().equals("HEAD") && status != 204 && status != 304;
    OptionalLong length = response.headers().firstValueAsLong("content-length");
    boolean chunked = hasBody && length.isEmpty() && head.minorVersion() > 0;
    boolean keptAlive = goesOn && (!hasBody || length.isPresent() || chunked);
    StringBuilder text = new StringBuilder("HTTP/1.1 " + status + " " + reason(status) + "\r\n");
    response
        .headers()
        .map()
        .forEach(
            (name, values) -> {
              if (!NOT_FORWARDED.contains(name.toLowerCase(Locale.ROOT))) {
                values.forEach(value -> text.append(name + ": " + value + "\r\n"));
              }
            });
    length.ifPresent(bytes -> text.append("Content-Length: " + bytes + "\r\n"));
    text.append(chunked ? "Transfer-Encoding: chunked\r\n" : "");
    text.append(keptAlive ? "\r\n" : "Connection: close\r\n\r\n");
    Optional<Digest> whole = Optional.empty();
    Optional<String> untold = Optional.of("body_read_failed");
    try {
      write(out, text.toString());
      ContentCopy copy = new ContentCopy(out, chunked);
      if (hasBody) {
        copy.all(content);
      }
      out.flush();
      untold = untold(head, status);
      if (untold.isEmpty() && status >= 200 && status < 300) {
        whole = Optional.of(copy.digest());
      }
    } finally {
      fetches.add(
          new Fetch(
              head.method(),
              ShownUrl.of(address),
              status,
              redirect(address, response),
              whole,
              untold));
    }
    return keptAlive;
  }

  /// BuildKit v0.32.2, `util/network/proxyprovider`, `proxyIncompleteReason`.
  private static Optional<String> untold(RequestHead head, int status) {
    if (!head.method().equals("GET")) {
      return Optional.of("method_not_materializable");
    }
    if (head.field("Range").isPresent() || status == 206) {
      return Optional.of("partial_response");
    }
    return status >= 400 ? Optional.of("unsuccessful_response") : Optional.empty();
  }

  private static Optional<String> redirect(URI address, HttpResponse<?> response) {
    try {
      return response
          .headers()
          .firstValue("location")
          .map(location -> ShownUrl.of(address.resolve(location)));
    } catch (IllegalArgumentException malformed) {
      return Optional.empty();
    }
  }

  /// Programs print it; the number is what counts.
  private static String reason(int status) {
    return switch (status) {
      case 200 -> "OK";
      case 206 -> "Partial Content";
      case 301 -> "Moved Permanently";
      case 302 -> "Found";
      case 304 -> "Not Modified";
      case 401 -> "Unauthorized";
      case 403 -> "Forbidden";
      case 404 -> "Not Found";
      case 500 -> "Internal Server Error";
      default -> status < 400 ? "OK" : "Error";
    };
  }

  private static void refuse(OutputStream out, String status, String why) throws IOException {
    byte[] text = (why + "\n").getBytes(StandardCharsets.UTF_8);
    write(
        out,
        "HTTP/1.1 "
            + status
            + "\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: "
            + text.length
            + "\r\nConnection: close\r\n\r\n");
    out.write(text);
    out.flush();
  }

  private static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.ISO_8859_1));
  }
}
