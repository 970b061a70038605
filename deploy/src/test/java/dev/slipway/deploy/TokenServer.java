package dev.slipway.deploy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import tools.jackson.databind.json.JsonMapper;

/// Sells tokens for `docker-registry` to one user, by both ways of distribution's "Token
/// Authentication Specification": GET with a password, and POST as OAuth2 has it. Whatever is below
/// `public/` may be read by all and written by nobody.
final class TokenServer implements AutoCloseable {
  static final String USER = "someone";
  static final String PASSWORD = "right";

  /// What it says to others.
  static final String REFUSAL = "who that is only somebody else knows";

  private static final String SERVICE = "registry of the tests";
  private static final String ISSUER = "token server of the tests";
  private static final JsonMapper JSON = new JsonMapper();
  private static final Base64.Encoder BASE64_URL = Base64.getUrlEncoder().withoutPadding();

  private final HttpServer server;
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final Path certificate;
  private final SigningKey key;
  private final List<Sale> sales = new CopyOnWriteArrayList<>();

  /// @param method how it was asked for
  /// @param scopes of the token, as they were wanted
  record Sale(String method, List<String> scopes) {}

  private TokenServer(HttpServer server, Path certificate, SigningKey key) {
    this.server = server;
    this.certificate = certificate;
    this.key = key;
  }

  /// On a free loopback port. The caller closes it.
  ///
  /// @param folder for files that registries read
  static TokenServer start(Path folder) {
    try {
      Files.createDirectories(folder);
      SigningKey key = SigningKey.make(folder);
      Path certificate = Files.writeString(folder.resolve("signing.pem"), key.pem());
      HttpServer http =
          HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
      TokenServer server = new TokenServer(http, certificate, key);
      http.createContext("/token", server::handle);
      http.setExecutor(server.executor);
      http.start();
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/token";
  }

  /// What makes a registry take its tokens, inside the braces of `auth`.
  String registrySettings() {
    return "token: {realm: \"%s\", service: %s, issuer: %s, rootcertbundle: %s}"
        .formatted(url(), SERVICE, ISSUER, certificate);
  }

  /// Every token so far.
  List<Sale> sales() {
    return List.copyOf(sales);
  }

  @Override
  public void close() {
    server.stop(0);
    executor.shutdownNow();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      boolean form = exchange.getRequestMethod().equals("POST");
      Map<String, List<String>> said =
          fields(
              form
                  ? new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.US_ASCII)
                  : Optional.ofNullable(exchange.getRequestURI().getRawQuery()).orElse(""));
      Optional<String> login = form ? formLogin(said) : basicLogin(exchange);
      if (login.isPresent() && !login.get().equals(USER + ":" + PASSWORD)) {
        answer(exchange, 401, Map.of("errors", List.of(refusal())));
        return;
      }
      List<String> scopes =
          said.getOrDefault("scope", List.of()).stream()
              .flatMap(each -> List.of(each.split(" ")).stream())
              .toList();
      String token = token(scopes, login.isPresent());
      sales.add(new Sale(exchange.getRequestMethod(), scopes));
      answer(
          exchange,
          200,
          Map.of(form ? "access_token" : "token", token, "expires_in", 300, "scope", ""));
    }
  }

  private static Map<String, String> refusal() {
    return Map.of("code", "UNAUTHORIZED", "message", REFUSAL);
  }

  private static Optional<String> formLogin(Map<String, List<String>> form) {
    return Optional.of(
        form.getOrDefault("username", List.of("")).getFirst()
            + ":"
            + form.getOrDefault("password", List.of("")).getFirst());
  }

  private static Optional<String> basicLogin(HttpExchange exchange) {
    return Optional.ofNullable(exchange.getRequestHeaders().getFirst("Authorization"))
        .map(header -> header.substring("Basic ".length()))
        .map(pair -> new String(Base64.getDecoder().decode(pair), StandardCharsets.UTF_8));
  }

  /// A JSON Web Token (RFC 7519) with the certificate of its signer.
  private String token(List<String> scopes, boolean isKnown) {
    Instant now = Instant.now();
    List<Map<String, Object>> access = new ArrayList<>();
    for (String scope : scopes) {
      int name = scope.indexOf(':');
      int actions = scope.lastIndexOf(':');
      String repository = scope.substring(name + 1, actions);
      access.add(
          Map.of(
              "type",
              scope.substring(0, name),
              "name",
              repository,
              "actions",
              granted(repository, scope.substring(actions + 1), isKnown)));
    }
    Map<String, Object> claims = new LinkedHashMap<>();
    claims.put("iss", ISSUER);
    claims.put("sub", isKnown ? USER : "");
    claims.put("aud", SERVICE);
    claims.put("nbf", now.minusSeconds(60).getEpochSecond());
    claims.put("iat", now.getEpochSecond());
    claims.put("exp", now.plusSeconds(300).getEpochSecond());
    claims.put("jti", UUID.randomUUID().toString());
    claims.put("access", access);
    String signed =
        part(Map.of("typ", "JWT", "alg", "RS256", "x5c", List.of(key.certificate())))
            + "."
            + part(claims);
    byte[] signature = key.sign(signed.getBytes(StandardCharsets.US_ASCII));
    return signed + "." + BASE64_URL.encodeToString(signature);
  }

  private static List<String> granted(String repository, String wanted, boolean isKnown) {
    return List.of(wanted.split(",")).stream()
        .filter(action -> repository.startsWith("public/") ? action.equals("pull") : isKnown)
        .toList();
  }

  private static String part(Map<String, Object> values) {
    return BASE64_URL.encodeToString(JSON.writeValueAsBytes(values));
  }

  private static void answer(HttpExchange exchange, int status, Map<String, Object> values)
      throws IOException {
    byte[] body = JSON.writeValueAsBytes(values);
    exchange.getResponseHeaders().add("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
  }

  private static Map<String, List<String>> fields(String text) {
    Map<String, List<String>> fields = new LinkedHashMap<>();
    for (String each : text.split("&")) {
      int equals = each.indexOf('=');
      if (equals > 0) {
        fields
            .computeIfAbsent(decoded(each.substring(0, equals)), _ -> new ArrayList<>())
            .add(decoded(each.substring(equals + 1)));
      }
    }
    return fields;
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }
}
