package dev.slipway.registry;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.CorruptData;
import dev.slipway.failure.Unauthenticated;
import dev.slipway.failure.Unavailable;
import dev.slipway.registry.CredentialSource.Credential;
import dev.slipway.registry.CredentialSource.Token;
import dev.slipway.registry.CredentialSource.TokenRequest;
import dev.slipway.registry.HeldTokens.Held;
import dev.slipway.task.Clock;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Answers challenges: basic, and bearer tokens bought by the credential source itself or here with
/// its password. Tokens are kept until shortly before they end ([HeldTokens]). See distribution's
/// "Token Authentication Specification". Thread-safe.
final class Authorizer {
  private static final String CLIENT_ID = "buildkit-client";
  private static final int MAX_TOKEN_ANSWER = 1 << 20;
  private static final Duration DEFAULT_LIFE = Duration.ofSeconds(60);

  private final HttpTransport transport;
  private final Clock clock;
  private final HeldTokens held;

  Authorizer(HttpTransport transport, Clock clock) {
    this.transport = transport;
    this.clock = clock;
    this.held = new HeldTokens(clock);
  }

  /// The header to send along from the start, when one is known to be good.
  Optional<String> known(Endpoint endpoint, List<String> scopes, CredentialSource credentials) {
    return held.find(endpoint.authority(), scopes, credentials);
  }

  /// Gets the header that a refused request needs.
  ///
  /// @return empty when there is no way to authenticate
  Optional<String> answer(
      Endpoint endpoint, List<String> headers, List<String> scopes, CredentialSource credentials) {
    String authority = endpoint.authority();
    held.remove(authority, scopes, credentials);
    for (Challenge challenge : Challenge.parse(headers)) {
      switch (challenge.scheme()) {
        case "bearer" -> {
          Held token = bearer(endpoint, challenge, scopes, credentials);
          held.put(authority, scopes, credentials, token);
          return Optional.of(token.header());
        }
        case "basic" -> {
          Optional<Held> password = basic(endpoint, credentials);
          if (password.isPresent()) {
            held.putOwn(authority, scopes, credentials, password.get());
            return password.map(Held::header);
          }
        }
        default -> {
          // no scheme that is known here
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<Held> basic(Endpoint endpoint, CredentialSource credentials) {
    return credentials
        .credential(endpoint.authority())
        .map(found -> new Held(basicHeader(found), Instant.MAX));
  }

  private Held bearer(
      Endpoint endpoint, Challenge challenge, List<String> scopes, CredentialSource credentials) {
    TreeSet<String> wanted = new TreeSet<>(scopes);
    if (wanted.isEmpty() && !challenge.parameter("scope").isEmpty()) {
      wanted.addAll(List.of(challenge.parameter("scope").split(" ")));
    }
    TokenRequest request =
        new TokenRequest(
            CLIENT_ID,
            endpoint.authority(),
            challenge.parameter("realm"),
            challenge.parameter("service"),
            List.copyOf(wanted));
    if (!request.realm().matches("https?://.+")) {
      throw new Unauthenticated(
          "registry " + endpoint.authority() + " asks for a token without saying where to get it");
    }
    Token token;
    try {
      token =
          credentials
              .fetchToken(request)
              .orElseGet(
                  () -> buy(endpoint, request, credentials.credential(endpoint.authority())));
    } catch (BuildFailure failure) {
      throw failure.in("failed to authorize: failed to fetch token");
    }
    Duration life = token.validFor().compareTo(DEFAULT_LIFE) < 0 ? DEFAULT_LIFE : token.validFor();
    Instant from =
        token.issuedAt().filter(issued -> issued.isBefore(clock.now())).orElseGet(clock::now);
    return new Held("Bearer " + token.value(), from.plus(life).minusSeconds(5));
  }

  private Token buy(Endpoint endpoint, TokenRequest request, Optional<Credential> credential) {
    boolean identityToken = credential.isPresent() && credential.get().username().isEmpty();
    try (HttpAnswer answer =
        transport.send(
            identityToken
                ? oauth(endpoint, request, credential.get())
                : plain(endpoint, request, credential))) {
      if (answer.status() != 200) {
        throw Later.failure(answer, "pull", clock.now());
      }
      JsonNode json = JsonMapper.shared().readTree(answer.body().readNBytes(MAX_TOKEN_ANSWER));
      String value = json.path("token").asString(json.path("access_token").asString(""));
      if (value.isEmpty() || !value.matches("[\\x21-\\x7e]+")) {
        throw new CorruptData("token server of " + endpoint.authority() + " gave no token");
      }
      return new Token(
          value,
          Duration.ofSeconds(Math.clamp(json.path("expires_in").asLong(60), 0, 86_400)),
          issuedAt(json));
    } catch (IOException cut) {
      throw new Unavailable(
          "reading the answer of the token server of "
              + endpoint.authority()
              + ": "
              + cut.getMessage(),
          cut);
    } catch (JacksonException bad) {
      throw new CorruptData(
          "invalid answer of the token server of " + endpoint.authority() + ": " + bad.getMessage(),
          bad);
    }
  }

  private static HttpTransport.Request plain(
      Endpoint endpoint, TokenRequest request, Optional<Credential> credential) {
    StringBuilder query = new StringBuilder("service=" + encoded(request.service()));
    request.scopes().forEach(scope -> query.append("&scope=").append(encoded(scope)));
    credential.ifPresent(found -> query.append("&account=").append(encoded(found.username())));
    Map<String, String> headers = new HashMap<>();
    credential.ifPresent(found -> headers.put("Authorization", basicHeader(found)));
    String url =
        request.realm() + (URI.create(request.realm()).getRawQuery() == null ? "?" : "&") + query;
    return new HttpTransport.Request(
        tokenServer(endpoint, request), "GET", url, headers, Optional.empty());
  }

  private static HttpTransport.Request oauth(
      Endpoint endpoint, TokenRequest request, Credential identity) {
    String form =
        "grant_type=refresh_token&service="
            + encoded(request.service())
            + "&client_id="
            + encoded(request.clientId())
            + "&scope="
            + encoded(String.join(" ", request.scopes()))
            + "&refresh_token="
            + encoded(identity.secret());
    byte[] bytes = form.getBytes(StandardCharsets.US_ASCII);
    return new HttpTransport.Request(
        tokenServer(endpoint, request),
        "POST",
        request.realm(),
        Map.of("Content-Type", "application/x-www-form-urlencoded"),
        Optional.of(HttpSender.Body.of(bytes)));
  }

  /// The token server is reached with the registry's own TLS settings, as BuildKit does.
  private static Endpoint tokenServer(Endpoint registry, TokenRequest request) {
    URI realm = URI.create(request.realm());
    return new Endpoint(realm.getScheme(), realm.getAuthority(), "", false, registry.tls(), false);
  }

  private static Optional<Instant> issuedAt(JsonNode json) {
    try {
      String text = json.path("issued_at").asString("");
      return text.isEmpty() ? Optional.empty() : Optional.of(Instant.parse(text));
    } catch (java.time.DateTimeException unreadable) {
      return Optional.empty();
    }
  }

  private static String basicHeader(Credential credential) {
    byte[] pair =
        (credential.username() + ":" + credential.secret()).getBytes(StandardCharsets.UTF_8);
    return "Basic " + Base64.getEncoder().encodeToString(pair);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
