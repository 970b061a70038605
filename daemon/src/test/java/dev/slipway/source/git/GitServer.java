package dev.slipway.source.git;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;

/// Serves the repositories of a directory over HTTP, by git's own backend.
final class GitServer implements AutoCloseable {
  private final Path repositories;
  private final HttpServer server;
  private final List<String> authorizations = Collections.synchronizedList(new ArrayList<>());

  private GitServer(Path repositories, HttpServer server) {
    this.repositories = repositories;
    this.server = server;
  }

  static GitServer start(Path repositories) throws IOException {
    HttpServer http =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    GitServer server = new GitServer(repositories, http);
    http.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    http.createContext("/", server::answer);
    http.start();
    return server;
  }

  String url(String repository) {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/" + repository;
  }

  /// What clients authorised themselves with, empty text where they did not.
  List<String> authorizations() {
    return List.copyOf(authorizations);
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      authorizations.add(
          Optional.ofNullable(exchange.getRequestHeaders().getFirst("Authorization")).orElse(""));
      ProcessBuilder builder =
          new ProcessBuilder("git", "http-backend").redirectError(ProcessBuilder.Redirect.DISCARD);
      Map<String, String> environment = builder.environment();
      environment.put("GIT_PROJECT_ROOT", repositories.toString());
      environment.put("GIT_HTTP_EXPORT_ALL", "1");
      environment.put("GIT_CONFIG_COUNT", "1");
      environment.put("GIT_CONFIG_KEY_0", "safe.directory");
      environment.put("GIT_CONFIG_VALUE_0", "*");
      environment.put("REQUEST_METHOD", exchange.getRequestMethod());
      environment.put("PATH_INFO", exchange.getRequestURI().getPath());
      environment.put(
          "QUERY_STRING", Optional.ofNullable(exchange.getRequestURI().getQuery()).orElse(""));
      header(exchange, "Content-Type").ifPresent(value -> environment.put("CONTENT_TYPE", value));
      header(exchange, "Content-Encoding")
          .ifPresent(value -> environment.put("HTTP_CONTENT_ENCODING", value));
      header(exchange, "Git-Protocol").ifPresent(value -> environment.put("GIT_PROTOCOL", value));
      Process backend = builder.start();
      byte[] request = exchange.getRequestBody().readAllBytes();
      backend.getOutputStream().write(request);
      backend.getOutputStream().close();
      reply(exchange, new BufferedInputStream(backend.getInputStream()));
    }
  }

  private static Optional<String> header(HttpExchange exchange, String name) {
    return Optional.ofNullable(exchange.getRequestHeaders().getFirst(name));
  }

  private static void reply(HttpExchange exchange, InputStream answer) throws IOException {
    int status = 200;
    for (String line = line(answer); !line.isEmpty(); line = line(answer)) {
      int colon = line.indexOf(':');
      String value = line.substring(colon + 1).strip();
      if (line.startsWith("Status:")) {
        status = Integer.parseInt(value.substring(0, 3));
      } else {
        exchange.getResponseHeaders().set(line.substring(0, colon), value);
      }
    }
    exchange.sendResponseHeaders(status, 0);
    answer.transferTo(exchange.getResponseBody());
  }

  private static String line(InputStream answer) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = answer.read(); c >= 0 && c != '\n'; c = answer.read()) {
      line.append((char) c);
    }
    return new String(line.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8)
        .strip();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
