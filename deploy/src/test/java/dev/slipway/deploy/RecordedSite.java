package dev.slipway.deploy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.slipway.deploy.RecordedKeys.Download;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// Files and git repositories over HTTP, at the address they had when they were recorded: it is
/// part of what is hashed. The caller closes it.
final class RecordedSite implements AutoCloseable {
  private static final int PORT = 16614;

  private final Map<String, Download> downloads;
  private final Path repositories;
  private final Tool git;
  private final HttpServer server;
  private final ExecutorService handlers = Executors.newVirtualThreadPerTaskExecutor();

  private RecordedSite(
      Map<String, Download> downloads, Path repositories, Tool git, HttpServer server) {
    this.downloads = downloads;
    this.repositories = repositories;
    this.git = git;
    this.server = server;
  }

  /// @param downloads by path
  /// @param repositories folder of bare repositories, each served below its name
  static RecordedSite open(Map<String, Download> downloads, Path repositories, Tool git) {
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), PORT);
    try {
      HttpServer server = HttpServer.create(address, 0);
      RecordedSite site = new RecordedSite(downloads, repositories, git, server);
      server.setExecutor(site.handlers);
      server.createContext("/", site::download);
      server.createContext("/repo.git", site::repository);
      server.start();
      return site;
    } catch (BindException taken) {
      throw new AssertionError(
          "the recorded definitions name " + address + ", where something else listens", taken);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private void download(HttpExchange exchange) throws IOException {
    try (exchange) {
      Download download = downloads.get(exchange.getRequestURI().getPath());
      if (download == null) {
        exchange.sendResponseHeaders(404, -1);
        return;
      }
      download.headers().forEach(exchange.getResponseHeaders()::set);
      byte[] body = download.body().getBytes(StandardCharsets.UTF_8);
      boolean headOnly = exchange.getRequestMethod().equals("HEAD");
      exchange.sendResponseHeaders(200, headOnly ? -1 : body.length);
      if (!headOnly) {
        exchange.getResponseBody().write(body);
      }
    }
  }

  /// By git's own backend, which is a CGI program.
  private void repository(HttpExchange exchange) throws IOException {
    try (exchange) {
      ProcessBuilder program =
          new ProcessBuilder(git.with("http-backend").command())
              .redirectError(ProcessBuilder.Redirect.DISCARD);
      Map<String, String> environment = program.environment();
      environment.put("GIT_PROJECT_ROOT", repositories.toString());
      environment.put("GIT_HTTP_EXPORT_ALL", "1");
      environment.put("REQUEST_METHOD", exchange.getRequestMethod());
      environment.put("PATH_INFO", exchange.getRequestURI().getPath());
      environment.put(
          "QUERY_STRING", Optional.ofNullable(exchange.getRequestURI().getQuery()).orElse(""));
      Map<String, String> headers =
          Map.of(
              "Content-Type", "CONTENT_TYPE",
              "Content-Encoding", "HTTP_CONTENT_ENCODING",
              "Git-Protocol", "GIT_PROTOCOL");
      headers.forEach(
          (header, variable) ->
              Optional.ofNullable(exchange.getRequestHeaders().getFirst(header))
                  .ifPresent(value -> environment.put(variable, value)));
      Process backend = program.start();
      try (OutputStream request = backend.getOutputStream();
          InputStream answer = new BufferedInputStream(backend.getInputStream())) {
        exchange.getRequestBody().transferTo(request);
        request.close();
        reply(exchange, answer);
      } finally {
        backend.destroy();
      }
    }
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
    return line.toString().strip();
  }

  @Override
  public void close() {
    server.stop(0);
    handlers.close();
  }
}
