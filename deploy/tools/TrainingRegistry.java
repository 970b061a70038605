import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;

/// A registry in memory that trusts everyone, for the builds that train the ahead-of-time caches: run as
/// `java TrainingRegistry.java`, it prints its port and serves until it is killed. Needs a JDK of 17 or newer.
final class TrainingRegistry {
  private final Map<String, byte[]> blobs = new ConcurrentHashMap<>();
  private final Map<String, String> types = new ConcurrentHashMap<>();
  private final Map<String, String> tags = new ConcurrentHashMap<>();

  public static void main(String[] arguments) throws IOException {
    HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newCachedThreadPool());
    server.createContext("/v2/", new TrainingRegistry()::serve);
    server.start();
    System.out.println(server.getAddress().getPort());
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      String last = path.substring(path.lastIndexOf('/') + 1);
      switch (exchange.getRequestMethod()) {
        case "POST" -> {
          exchange.getRequestBody().readAllBytes();
          exchange.getResponseHeaders().add("Location", path + "one");
          exchange.sendResponseHeaders(202, -1);
        }
        case "PUT" -> put(exchange, path, last);
        default -> answer(exchange, tags.getOrDefault(path, last));
      }
    }
  }

  private void put(HttpExchange exchange, String path, String last) throws IOException {
    byte[] bytes;
    try (InputStream body = exchange.getRequestBody()) {
      bytes = body.readAllBytes();
    }
    String digest = digest(bytes);
    blobs.put(digest, bytes);
    if (path.contains("/manifests/")) {
      types.put(digest, exchange.getRequestHeaders().getFirst("Content-Type"));
      tags.put(path, digest);
    }
    exchange.getResponseHeaders().add("Docker-Content-Digest", digest);
    exchange.getResponseHeaders().add("Location", path.replaceFirst("[^/]*$", digest));
    exchange.sendResponseHeaders(201, -1);
  }

  private void answer(HttpExchange exchange, String digest) throws IOException {
    byte[] bytes = blobs.get(digest);
    if (bytes == null) {
      exchange.sendResponseHeaders(404, -1);
      return;
    }
    exchange.getResponseHeaders().add("Docker-Content-Digest", digest);
    exchange.getResponseHeaders().add("Content-Type", types.getOrDefault(digest, "application/octet-stream"));
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.getResponseHeaders().add("Content-Length", Integer.toString(bytes.length));
      exchange.sendResponseHeaders(200, -1);
    } else {
      exchange.sendResponseHeaders(200, bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  private static String digest(byte[] bytes) {
    try {
      return "sha256:" + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (java.security.NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
