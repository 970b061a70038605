package dev.slipway.registry.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.Digest;
import dev.slipway.oci.ImageReference;
import dev.slipway.oci.MediaType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The distribution API over real HTTP, in memory. Faults are queued: each is used up by the next
/// request it fits.
public final class InProcessRegistry implements AutoCloseable {
  private static final Pattern ROUTE =
      Pattern.compile("/v2/(.+)/(manifests|blobs)/(uploads/)?([^/]*)");

  private final HttpServer server;
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, Map<Digest, byte[]>> blobs = new ConcurrentHashMap<>();
  private final Map<String, Map<String, Stored>> manifests = new ConcurrentHashMap<>();
  private final Map<String, ByteArrayOutputStream> uploads = new ConcurrentHashMap<>();
  private final List<Fault> faults = new CopyOnWriteArrayList<>();
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final AtomicInteger revocations = new AtomicInteger();
  private volatile Optional<Login> login = Optional.empty();

  private record Stored(MediaType type, byte[] bytes) {}

  /// @param bearer tokens instead of basic authentication
  public record Login(String username, String password, boolean bearer) {}

  /// What goes wrong with a request whose `METHOD path` the pattern finds.
  public sealed interface Fault {
    String pattern();

    /// Answers with that status.
    record Status(String pattern, int status, Map<String, String> headers, String body)
        implements Fault {}

    /// Sends only so many bytes of the body, then breaks the connection.
    record Cut(String pattern, int bytes) implements Fault {}

    /// Takes only so many bytes of the request's body, then breaks the connection.
    record Drop(String pattern, int bytes) implements Fault {}

    /// Sends other bytes of the same length.
    record OtherBytes(String pattern) implements Fault {}

    /// Says that another digest is what is there, or was stored.
    record OtherDigest(String pattern) implements Fault {}

    /// Does what is asked, then breaks the connection without an answer.
    record LostAnswer(String pattern) implements Fault {}

    /// From now on the tokens given out so far are worth nothing.
    record Revoked(String pattern) implements Fault {}

    /// Sends the client elsewhere.
    record Redirect(String pattern, String location) implements Fault {}

    /// Sends so many bytes, then nothing until the latch opens; of an upload it takes so many, and
    /// the rest then.
    record Stall(String pattern, int bytes, java.util.concurrent.CountDownLatch until)
        implements Fault {}
  }

  private InProcessRegistry(HttpServer server) {
    this.server = server;
  }

  /// Starts on a free port of this machine. Caller closes.
  public static InProcessRegistry start() throws IOException {
    return start(HttpServer.create(anyPort(), 0));
  }

  /// One that speaks TLS only, with a certificate that no system trusts. Caller closes.
  public static InProcessRegistry startWithUnknownCertificate() throws IOException {
    HttpsServer server = HttpsServer.create(anyPort(), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(unknownCertificate()));
    return start(server);
  }

  /// The same, which in turn wants clients to show a certificate of that authority's (`ca.pem` of
  /// `/rpc/tls`). Caller closes.
  public static InProcessRegistry startForKnownClients() throws IOException {
    HttpsServer server = HttpsServer.create(anyPort(), 0);
    SSLContext tls = unknownCertificate();
    server.setHttpsConfigurator(
        new HttpsConfigurator(tls) {
          @Override
          public void configure(HttpsParameters parameters) {
            SSLParameters wanted = tls.getDefaultSSLParameters();
            wanted.setNeedClientAuth(true);
            parameters.setSSLParameters(wanted);
          }
        });
    return start(server);
  }

  private static InetSocketAddress anyPort() throws IOException {
    return new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0);
  }

  private static InputStream tlsFile(String name) {
    return Objects.requireNonNull(
        InProcessRegistry.class.getResourceAsStream("/rpc/tls/" + name + ".pem"), name);
  }

  private static SSLContext unknownCertificate() throws IOException {
    try (InputStream chain = tlsFile("server");
        InputStream key = tlsFile("server-key")) {
      char[] password = new char[0];
      KeyStore keys = KeyStore.getInstance("PKCS12");
      keys.load(null, password);
      keys.setKeyEntry(
          "server",
          KeyFactory.getInstance("EC")
              .generatePrivate(
                  new PKCS8EncodedKeySpec(
                      Base64.getMimeDecoder()
                          .decode(
                              new String(key.readAllBytes(), StandardCharsets.US_ASCII)
                                  .replaceAll("-----[A-Z ]+-----", "")))),
          password,
          CertificateFactory.getInstance("X.509")
              .generateCertificates(chain)
              .toArray(Certificate[]::new));
      KeyManagerFactory managers =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      managers.init(keys, password);
      KeyStore clients = KeyStore.getInstance("PKCS12");
      clients.load(null, password);
      try (InputStream authority = tlsFile("ca")) {
        clients.setCertificateEntry(
            "ca", CertificateFactory.getInstance("X.509").generateCertificate(authority));
      }
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(clients);
      SSLContext tls = SSLContext.getInstance("TLS");
      tls.init(managers.getKeyManagers(), trust.getTrustManagers(), null);
      return tls;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static InProcessRegistry start(HttpServer server) {
    InProcessRegistry registry = new InProcessRegistry(server);
    server.createContext("/", registry::handle);
    server.setExecutor(registry.executor);
    server.start();
    return registry;
  }

  /// Host and port as in image names.
  public String host() {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  public ImageReference name(String repositoryAndTag) {
    return ImageReference.parse(host() + "/" + repositoryAndTag);
  }

  public void requireLogin(Login required) {
    login = Optional.of(required);
  }

  public void forgetLogin() {
    login = Optional.empty();
  }

  public void next(Fault fault) {
    faults.add(fault);
  }

  /// Takes back the faults that no request has met.
  public void forgetFaults() {
    faults.clear();
  }

  /// Every request so far, as `METHOD path?query`.
  public List<String> requests() {
    return List.copyOf(requests);
  }

  /// Waits until there was a request whose `METHOD path?query` the pattern finds.
  public void awaitRequest(String pattern) throws InterruptedException {
    Pattern wanted = Pattern.compile(pattern);
    synchronized (requests) {
      while (requests.stream().noneMatch(line -> wanted.matcher(line).find())) {
        requests.wait();
      }
    }
  }

  public Descriptor addBlob(String repository, MediaType type, byte[] bytes) {
    Digest digest = Digest.ofBytes(bytes);
    blobs.computeIfAbsent(repository, _ -> new ConcurrentHashMap<>()).put(digest, bytes.clone());
    return new Descriptor(type, digest, bytes.length);
  }

  public Descriptor addManifest(
      String repository, Optional<String> tag, MediaType type, byte[] bytes) {
    Digest digest = Digest.ofBytes(bytes);
    Map<String, Stored> inRepository =
        manifests.computeIfAbsent(repository, _ -> new ConcurrentHashMap<>());
    inRepository.put(digest.toString(), new Stored(type, bytes.clone()));
    tag.ifPresent(name -> inRepository.put(name, new Stored(type, bytes.clone())));
    return new Descriptor(type, digest, bytes.length);
  }

  public Optional<byte[]> blob(String repository, Digest digest) {
    return Optional.ofNullable(blobs.getOrDefault(repository, Map.of()).get(digest));
  }

  /// How many uploads were begun and neither ended nor given up.
  public int uploads() {
    return uploads.size();
  }

  /// Forgets what it has, as after it was cleaned.
  public void lose(String repository, Digest blob) {
    blobs.getOrDefault(repository, Map.of()).remove(blob);
  }

  public Optional<byte[]> manifest(String repository, String tagOrDigest) {
    return Optional.ofNullable(manifests.getOrDefault(repository, Map.of()).get(tagOrDigest))
        .map(Stored::bytes);
  }

  @Override
  public void close() {
    server.stop(0);
    executor.shutdownNow();
  }

  private void handle(HttpExchange exchange) throws IOException {
    String line = exchange.getRequestMethod() + " " + exchange.getRequestURI();
    synchronized (requests) {
      requests.add(line);
      requests.notifyAll();
    }
    try (exchange) {
      Optional<Fault> fault =
          faults.stream()
              .filter(each -> Pattern.compile(each.pattern()).matcher(line).find())
              .filter(faults::remove)
              .findFirst();
      if (fault.orElse(null) instanceof Fault.Status status) {
        status.headers().forEach((name, value) -> exchange.getResponseHeaders().add(name, value));
        answer(exchange, status.status(), status.body().getBytes(StandardCharsets.UTF_8));
      } else if (fault.orElse(null) instanceof Fault.Redirect redirect) {
        exchange.getResponseHeaders().add("Location", redirect.location());
        answer(exchange, 307, new byte[0]);
      } else {
        if (fault.orElse(null) instanceof Fault.Revoked) {
          revocations.incrementAndGet();
        }
        serve(exchange, fault);
      }
    }
  }

  private void serve(HttpExchange exchange, Optional<Fault> fault) throws IOException {
    if (exchange.getRequestURI().getPath().equals("/token")) {
      token(exchange, fault);
    } else if (authorized(exchange)) {
      route(exchange, fault);
    }
  }

  private String currentToken() {
    return "secret-token-" + revocations;
  }

  private void token(HttpExchange exchange, Optional<Fault> fault) throws IOException {
    Login required = login.orElseThrow();
    Optional<String> header =
        Optional.ofNullable(exchange.getRequestHeaders().getFirst("Authorization"));
    if (header.isEmpty() || !header.get().equals(basic(required))) {
      error(exchange, 401, "UNAUTHORIZED", "incorrect username or password");
      return;
    }
    byte[] answer =
        ("{\"token\":\"" + currentToken() + "\",\"expires_in\":300}")
            .getBytes(StandardCharsets.UTF_8);
    if (fault.orElse(null) instanceof Fault.Cut cut) {
      exchange.sendResponseHeaders(200, answer.length);
      exchange.getResponseBody().write(answer, 0, Math.min(cut.bytes(), answer.length));
      exchange.getResponseBody().flush();
      return;
    }
    answer(exchange, 200, answer);
  }

  private boolean authorized(HttpExchange exchange) throws IOException {
    if (login.isEmpty()) {
      return true;
    }
    Login required = login.get();
    String expected = required.bearer() ? "Bearer " + currentToken() : basic(required);
    if (expected.equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
      return true;
    }
    String challenge =
        required.bearer()
            ? "Bearer realm=\"http://" + host() + "/token\",service=\"test\""
            : "Basic realm=\"test\"";
    exchange.getResponseHeaders().add("WWW-Authenticate", challenge);
    error(exchange, 401, "UNAUTHORIZED", "authentication required");
    return false;
  }

  private static String basic(Login required) {
    byte[] pair =
        (required.username() + ":" + required.password()).getBytes(StandardCharsets.UTF_8);
    return "Basic " + Base64.getEncoder().encodeToString(pair);
  }

  private void route(HttpExchange exchange, Optional<Fault> fault) throws IOException {
    Matcher route = ROUTE.matcher(exchange.getRequestURI().getPath());
    if (!route.matches()) {
      error(exchange, 404, "NOT_FOUND", "no such route");
      return;
    }
    String repository = route.group(1);
    String last = route.group(4);
    String method = exchange.getRequestMethod();
    if (route.group(3) != null) {
      upload(exchange, repository, last, fault);
    } else if (route.group(2).equals("blobs")) {
      Optional<byte[]> found =
          Digest.isDigest(last) ? blob(repository, Digest.parse(last)) : Optional.empty();
      if (found.isEmpty()) {
        error(exchange, 404, "BLOB_UNKNOWN", "blob unknown to registry");
      } else {
        addDigest(exchange, Digest.parse(last), Optional.empty());
        content(exchange, found.get(), "application/octet-stream", fault);
      }
    } else if (method.equals("PUT")) {
      byte[] bytes = exchange.getRequestBody().readAllBytes();
      if (!hasAllOf(bytes, repository)) {
        error(exchange, 400, "MANIFEST_BLOB_UNKNOWN", "blob unknown to registry");
        return;
      }
      Optional<String> tag = Digest.isDigest(last) ? Optional.empty() : Optional.of(last);
      Descriptor stored =
          addManifest(
              repository,
              tag,
              new MediaType(exchange.getRequestHeaders().getFirst("Content-Type")),
              bytes);
      if (!(fault.orElse(null) instanceof Fault.LostAnswer)) {
        addDigest(exchange, stored.digest(), fault);
        answer(exchange, 201, new byte[0]);
      }
    } else {
      Stored stored = manifests.getOrDefault(repository, Map.of()).get(last);
      if (stored == null) {
        error(exchange, 404, "MANIFEST_UNKNOWN", "manifest unknown");
      } else {
        addDigest(exchange, Digest.ofBytes(stored.bytes()), fault);
        content(exchange, stored.bytes(), stored.type().value(), fault);
      }
    }
  }

  /// Whether everything is there that the document speaks of, but for what lies elsewhere.
  private boolean hasAllOf(byte[] document, String repository) {
    JsonNode json = JsonMapper.shared().readTree(document);
    return Stream.of(json.path("layers").valueStream(), Stream.of(json.path("config")))
            .flatMap(each -> each)
            .filter(each -> each.has("digest") && !each.has("urls"))
            .map(each -> Digest.parse(each.path("digest").asString()))
            .allMatch(digest -> blob(repository, digest).isPresent())
        && json.path("manifests")
            .valueStream()
            .map(each -> each.path("digest").asString())
            .allMatch(
                digest ->
                    manifest(repository, digest).isPresent()
                        || blob(repository, Digest.parse(digest)).isPresent());
  }

  private static void addDigest(HttpExchange exchange, Digest digest, Optional<Fault> fault) {
    Digest told = fault.orElse(null) instanceof Fault.OtherDigest ? Digest.ofText("other") : digest;
    exchange.getResponseHeaders().add("Docker-Content-Digest", told.toString());
  }

  private void upload(HttpExchange exchange, String repository, String id, Optional<Fault> fault)
      throws IOException {
    Map<String, String> query = query(exchange);
    if (exchange.getRequestMethod().equals("POST")) {
      Optional<byte[]> mounted =
          query.containsKey("mount")
              ? blob(query.getOrDefault("from", ""), Digest.parse(query.get("mount")))
              : Optional.empty();
      if (mounted.isPresent()) {
        addBlob(repository, MediaType.OCI_LAYER, mounted.get());
        answer(exchange, 201, new byte[0]);
        return;
      }
      String started = UUID.randomUUID().toString();
      uploads.put(started, new ByteArrayOutputStream());
      exchange
          .getResponseHeaders()
          .add("Location", "/v2/" + repository + "/blobs/uploads/" + started + "?state=x");
      answer(exchange, 202, new byte[0]);
      return;
    }
    ByteArrayOutputStream received = uploads.get(id);
    if (received == null) {
      error(exchange, 404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry");
      return;
    }
    if (exchange.getRequestMethod().equals("DELETE")) {
      uploads.remove(id);
      answer(exchange, 204, new byte[0]);
      return;
    }
    if (fault.orElse(null) instanceof Fault.Drop drop) {
      received.write(exchange.getRequestBody().readNBytes(drop.bytes()));
      return;
    }
    if (fault.orElse(null) instanceof Fault.Stall stall) {
      received.write(exchange.getRequestBody().readNBytes(stall.bytes()));
      await(stall.until());
    }
    if (!exchange.getRequestMethod().equals("PUT")) {
      part(exchange, received);
      return;
    }
    received.write(exchange.getRequestBody().readAllBytes());
    byte[] bytes = received.toByteArray();
    uploads.remove(id);
    if (!Digest.ofBytes(bytes).toString().equals(query.get("digest"))) {
      error(exchange, 400, "DIGEST_INVALID", "provided digest did not match uploaded content");
      return;
    }
    Descriptor stored = addBlob(repository, MediaType.OCI_LAYER, bytes);
    if (!(fault.orElse(null) instanceof Fault.LostAnswer)) {
      addDigest(exchange, stored.digest(), fault);
      answer(exchange, 201, new byte[0]);
    }
  }

  /// A piece of an upload (PATCH), or the question how far it is (GET).
  private static void part(HttpExchange exchange, ByteArrayOutputStream received)
      throws IOException {
    boolean piece = exchange.getRequestMethod().equals("PATCH");
    if (piece) {
      String range = exchange.getRequestHeaders().getFirst("Content-Range");
      if (range != null && !range.startsWith(received.size() + "-")) {
        error(exchange, 416, "RANGE_INVALID", "this is not where the upload stands");
        return;
      }
      received.write(exchange.getRequestBody().readAllBytes());
    }
    exchange.getResponseHeaders().add("Location", exchange.getRequestURI().toString());
    exchange.getResponseHeaders().add("Range", "0-" + Math.max(0, received.size() - 1));
    answer(exchange, piece ? 202 : 204, new byte[0]);
  }

  private static void content(HttpExchange exchange, byte[] all, String type, Optional<Fault> fault)
      throws IOException {
    exchange.getResponseHeaders().add("Content-Type", type);
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.getResponseHeaders().add("Content-Length", Integer.toString(all.length));
      exchange.sendResponseHeaders(200, -1);
      return;
    }
    int from = rangeStart(exchange);
    byte[] bytes = from > 0 ? Arrays.copyOfRange(all, from, all.length) : all.clone();
    if (from > 0) {
      exchange
          .getResponseHeaders()
          .add("Content-Range", "bytes " + from + "-" + (all.length - 1) + "/" + all.length);
    }
    exchange.sendResponseHeaders(from > 0 ? 206 : 200, bytes.length == 0 ? -1 : bytes.length);
    switch (fault.orElse(new Fault.Cut("", bytes.length))) {
      case Fault.Cut cut ->
          exchange.getResponseBody().write(bytes, 0, Math.min(cut.bytes(), bytes.length));
      case Fault.OtherBytes _ -> {
        bytes[0] ^= 1;
        exchange.getResponseBody().write(bytes);
      }
      case Fault.Stall stall -> {
        exchange.getResponseBody().write(bytes, 0, stall.bytes());
        exchange.getResponseBody().flush();
        await(stall.until());
      }
      case Fault.OtherDigest _, Fault.Revoked _, Fault.LostAnswer _ ->
          exchange.getResponseBody().write(bytes);
      case Fault.Status _, Fault.Redirect _, Fault.Drop _ ->
          throw new IllegalStateException("answered before");
    }
    exchange.getResponseBody().flush();
  }

  private static void await(java.util.concurrent.CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException closing) {
      Thread.currentThread().interrupt();
    }
  }

  private static int rangeStart(HttpExchange exchange) {
    String range =
        Optional.ofNullable(exchange.getRequestHeaders().getFirst("Range")).orElse("bytes=0-");
    return Integer.parseInt(range.replaceAll("bytes=([0-9]+)-.*", "$1"));
  }

  private static Map<String, String> query(HttpExchange exchange) {
    Map<String, String> all = new TreeMap<>();
    String query = Optional.ofNullable(exchange.getRequestURI().getQuery()).orElse("");
    for (String pair : query.split("&")) {
      String[] parts = pair.split("=", 2);
      all.put(parts[0], parts.length > 1 ? parts[1] : "");
    }
    return all;
  }

  private static void error(HttpExchange exchange, int status, String code, String message)
      throws IOException {
    String body = "{\"errors\":[{\"code\":\"" + code + "\",\"message\":\"" + message + "\"}]}";
    exchange.getResponseHeaders().add("Content-Type", "application/json");
    answer(exchange, status, body.getBytes(StandardCharsets.UTF_8));
  }

  private static void answer(HttpExchange exchange, int status, byte[] body) throws IOException {
    exchange.getRequestBody().readAllBytes();
    boolean none = body.length == 0 || exchange.getRequestMethod().equals("HEAD");
    exchange.sendResponseHeaders(status, none ? -1 : body.length);
    if (!none) {
      exchange.getResponseBody().write(body);
    }
  }
}
