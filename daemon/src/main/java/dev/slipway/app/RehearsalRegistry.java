package dev.slipway.app;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.slipway.failure.WrongState;
import dev.slipway.oci.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;

/// A registry in memory, as much of one as the builds of a rehearsal need. Other users of the
/// machine reach its port too: it answers to those who know its repositories' secret prefix, and
/// takes no more than it is meant to. Thread-safe.
final class RehearsalRegistry implements AutoCloseable {
  private static final int MOST_BYTES = 16 << 20;

  private final HttpServer server;
  private final String prefix = UUID.randomUUID().toString();
  private final Map<String, Blob> blobs = new ConcurrentHashMap<>();
  private final Map<String, String> tags = new ConcurrentHashMap<>();
  private final AtomicLong taken = new AtomicLong();

  private record Blob(byte[] bytes, String type) {}

  private RehearsalRegistry(HttpServer server) {
    this.server = server;
  }

  /// Starts it on a free port of the loopback interface. Caller closes.
  ///
  /// @param threads run its requests
  static RehearsalRegistry start(Executor threads) {
    try {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      RehearsalRegistry registry = new RehearsalRegistry(server);
      server.setExecutor(threads);
      server.createContext("/v2/" + registry.prefix + "/", registry::serve);
      server.start();
      return registry;
    } catch (IOException failed) {
      throw new WrongState("cannot serve on a loopback port: " + failed.getMessage(), failed);
    }
  }

  /// Its `host:port`.
  String host() {
    InetSocketAddress address = server.getAddress();
    return address.getAddress().getHostAddress() + ":" + address.getPort();
  }

  /// A reference in it.
  String reference(String name) {
    return host() + "/" + prefix + "/" + name;
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      String last = path.substring(path.lastIndexOf('/') + 1);
      switch (exchange.getRequestMethod()) {
        case "POST" -> {
          exchange.getResponseHeaders().add("Location", path + "one");
          exchange.sendResponseHeaders(202, -1);
        }
        case "PUT" -> put(exchange, path, last);
        case "GET", "HEAD" -> answer(exchange, tags.getOrDefault(path, last));
        default -> exchange.sendResponseHeaders(405, -1);
      }
    }
  }

  private void put(HttpExchange exchange, String path, String last) throws IOException {
    byte[] bytes;
    try (InputStream body = exchange.getRequestBody()) {
      bytes = body.readNBytes(MOST_BYTES);
    }
    if (taken.addAndGet(bytes.length) > MOST_BYTES) {
      exchange.sendResponseHeaders(413, -1);
      return;
    }
    String digest = Digest.ofBytes(bytes).toString();
    boolean manifest = path.contains("/manifests/");
    String type = manifest ? exchange.getRequestHeaders().getFirst("Content-Type") : null;
    blobs.put(digest, new Blob(bytes, type == null ? "application/octet-stream" : type));
    if (manifest) {
      tags.put(path, digest);
    }
    exchange.getResponseHeaders().add("Docker-Content-Digest", digest);
    exchange.getResponseHeaders().add("Location", path.replaceFirst("[^/]*$", digest));
    exchange.sendResponseHeaders(201, -1);
  }

  private void answer(HttpExchange exchange, String digest) throws IOException {
    Blob blob = blobs.get(digest);
    if (blob == null) {
      exchange.sendResponseHeaders(404, -1);
      return;
    }
    exchange.getResponseHeaders().add("Docker-Content-Digest", digest);
    exchange.getResponseHeaders().add("Content-Type", blob.type());
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.getResponseHeaders().add("Content-Length", Integer.toString(blob.bytes().length));
      exchange.sendResponseHeaders(200, -1);
    } else {
      exchange.sendResponseHeaders(200, blob.bytes().length);
      exchange.getResponseBody().write(blob.bytes());
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
