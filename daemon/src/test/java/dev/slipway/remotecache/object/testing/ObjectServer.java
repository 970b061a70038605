package dev.slipway.remotecache.object.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Pattern;

/// What stores have in common: requests are noted, and go wrong where a fault is queued that fits;
/// each is used up by one request.
public final class ObjectServer implements AutoCloseable {
  /// The server copies what it is given each time that the connection takes a part of it.
  private static final int PIECE = 1 << 16;

  private final HttpServer server;
  private final Store store;
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final List<Fault> faults = new CopyOnWriteArrayList<>();

  /// What goes wrong with a request whose `METHOD path?query` the pattern finds.
  public sealed interface Fault {
    String pattern();

    /// Answers with that status instead.
    record Status(String pattern, int status, Map<String, String> headers, String body)
        implements Fault {}

    /// Does what is asked, but sends only so many bytes of the answer, then breaks the connection.
    record Cut(String pattern, int bytes) implements Fault {}
  }

  /// One kind of store.
  @FunctionalInterface
  public interface Store {
    Answer answer(Asked asked) throws IOException;
  }

  /// @param target path and query, undecoded
  /// @param path decoded
  public record Asked(
      String method,
      String target,
      String path,
      Map<String, String> query,
      Map<String, String> headers,
      byte[] body) {
    public String header(String name) {
      return headers.getOrDefault(name, "");
    }

    /// The bytes from the offset that `bytes=N-` in the header asks for.
    public Optional<Integer> from(String header) {
      return Optional.ofNullable(headers.get(header))
          .map(range -> Integer.parseInt(range.replaceAll("bytes=([0-9]+)-.*", "$1")));
    }
  }

  public record Answer(int status, Map<String, String> headers, byte[] body) {
    public static Answer of(int status) {
      return new Answer(status, Map.of(), new byte[0]);
    }

    public static Answer of(int status, String body) {
      return new Answer(status, Map.of(), body.getBytes(StandardCharsets.UTF_8));
    }

    public Answer with(String header, String value) {
      Map<String, String> more = new HashMap<>(headers);
      more.put(header, value);
      return new Answer(status, more, body);
    }

    /// All of it, or what was asked for.
    public static Answer of(byte[] bytes, Optional<Integer> from) {
      return from.map(
              offset ->
                  new Answer(
                      206,
                      Map.of(
                          "Content-Range",
                          "bytes " + offset + "-" + (bytes.length - 1) + "/" + bytes.length),
                      Arrays.copyOfRange(bytes, offset, bytes.length)))
          .orElseGet(() -> new Answer(200, Map.of(), bytes));
    }
  }

  private ObjectServer(HttpServer server, Store store) {
    this.server = server;
    this.store = store;
  }

  /// Starts on a free port of this machine. Caller closes.
  public static ObjectServer start(Store store) {
    try {
      HttpServer http =
          HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
      ObjectServer server = new ObjectServer(http, store);
      http.createContext("/", server::handle);
      http.setExecutor(server.executor);
      http.start();
      return server;
    } catch (IOException failed) {
      throw new java.io.UncheckedIOException(failed);
    }
  }

  public String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  public void next(Fault fault) {
    faults.add(fault);
  }

  /// Every request so far, as `METHOD path?query`, undecoded.
  public List<String> requests() {
    return List.copyOf(requests);
  }

  @Override
  public void close() {
    server.stop(0);
    executor.shutdownNow();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String query = exchange.getRequestURI().getRawQuery();
      String line =
          exchange.getRequestMethod()
              + " "
              + exchange.getRequestURI().getRawPath()
              + (query == null ? "" : "?" + query);
      requests.add(line);
      byte[] body = exchange.getRequestBody().readAllBytes();
      Optional<Fault> fault =
          faults.stream()
              .filter(each -> Pattern.compile(each.pattern()).matcher(line).find())
              .filter(faults::remove)
              .findFirst();
      if (fault.isPresent() && fault.get() instanceof Fault.Status status) {
        send(
            exchange,
            new Answer(
                status.status(), status.headers(), status.body().getBytes(StandardCharsets.UTF_8)),
            Integer.MAX_VALUE);
        return;
      }
      Map<String, String> headers = new HashMap<>();
      exchange
          .getRequestHeaders()
          .forEach(
              (name, values) ->
                  headers.put(name.toLowerCase(java.util.Locale.ROOT), values.getFirst()));
      int most =
          fault.isPresent() && fault.get() instanceof Fault.Cut cut
              ? cut.bytes()
              : Integer.MAX_VALUE;
      send(
          exchange,
          store.answer(
              new Asked(
                  exchange.getRequestMethod(),
                  exchange.getRequestURI().toString(),
                  exchange.getRequestURI().getPath(),
                  query(query == null ? "" : query),
                  headers,
                  body)),
          most);
    }
  }

  private static void send(HttpExchange exchange, Answer answer, int most) throws IOException {
    answer.headers().forEach(exchange.getResponseHeaders()::add);
    int length = answer.body().length;
    boolean empty = length == 0 || exchange.getRequestMethod().equals("HEAD");
    exchange.sendResponseHeaders(answer.status(), empty ? -1 : length);
    if (!empty) {
      int sent = Math.min(length, most);
      for (int from = 0; from < sent; from += PIECE) {
        exchange.getResponseBody().write(answer.body(), from, Math.min(PIECE, sent - from));
      }
      exchange.getResponseBody().flush();
    }
  }

  private static Map<String, String> query(String text) {
    Map<String, String> query = new HashMap<>();
    for (String each : text.split("&")) {
      int equals = each.indexOf('=');
      if (!each.isEmpty()) {
        query.put(
            decoded(equals < 0 ? each : each.substring(0, equals)),
            equals < 0 ? "" : decoded(each.substring(equals + 1)));
      }
    }
    return query;
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }
}
