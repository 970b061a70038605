package dev.slipway.registry;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Denied;
import dev.slipway.failure.Fact.RegistryAnswer;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.NotFound;
import dev.slipway.failure.Unauthenticated;
import dev.slipway.failure.Unavailable;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What registries answer, and what the network does, as failures. See distribution-spec, "Error
/// Codes".
public final class WireErrors {
  private static final int MAX_TEXT = 2000;

  private WireErrors() {}

  /// The failure for an answer that is no success.
  ///
  /// @param action `pull` or `push`
  static BuildFailure of(HttpAnswer answer, String action) {
    RegistryAnswer fact = read(answer);
    String said = fact.message().isEmpty() ? fact.code() : fact.message();
    String status =
        "unexpected status from "
            + answer.method()
            + " request to "
            + redacted(answer.uri())
            + ": "
            + answer.status();
    return switch (answer.status()) {
      case 401 ->
          new Unauthenticated(
              denied(action, (said.isEmpty() ? "" : said + ": ") + "authorization failed"), fact);
      case 403 -> new Denied(denied(action, said.isEmpty() ? "forbidden" : said), fact);
      case 404 -> new NotFound(said.isEmpty() ? "not found" : said + ": not found", fact);
      case 400, 405, 413, 415 -> new InvalidRequest(with(status, said), fact);
      default -> new Unavailable(with(status, said), fact);
    };
  }

  /// The failure for a request that got no answer.
  static BuildFailure of(String method, URI uri, IOException failed) {
    String reason =
        switch (failed) {
          case ConnectException connect when isUnresolved(connect) -> lookup(uri);
          case ConnectException _ ->
              "dial tcp " + uri.getHost() + ":" + port(uri) + ": connect: connection refused";
          case UnknownHostException _ -> lookup(uri);
          default ->
              String.valueOf(
                  failed.getMessage() == null
                      ? failed.getClass().getSimpleName()
                      : failed.getMessage());
        };
    String go = method.charAt(0) + method.substring(1).toLowerCase(java.util.Locale.ROOT);
    return new Unavailable(
        "failed to do request: " + go + " \"" + redacted(uri) + "\": " + reason, failed);
  }

  /// The URL without what may be secret in it.
  public static String redacted(URI uri) {
    String text =
        uri.getScheme()
            + "://"
            + uri.getHost()
            + (uri.getPort() < 0 ? "" : ":" + uri.getPort())
            + uri.getRawPath();
    return uri.getRawQuery() == null
        ? text
        : text + "?" + uri.getRawQuery().replaceAll("=[^&]*", "=…");
  }

  private static boolean isUnresolved(Throwable failure) {
    Throwable cause = failure.getCause();
    return cause != null && (cause instanceof UnresolvedAddressException || isUnresolved(cause));
  }

  private static String lookup(URI uri) {
    return "dial tcp: lookup " + uri.getHost() + ": no such host";
  }

  private static int port(URI uri) {
    return uri.getPort() >= 0 ? uri.getPort() : uri.getScheme().equals("https") ? 443 : 80;
  }

  private static String denied(String action, String said) {
    return action
        + " access denied, repository does not exist or may require authorization: server message: "
        + said;
  }

  private static String with(String status, String said) {
    return said.isEmpty() ? status : status + ": " + said;
  }

  private static RegistryAnswer read(HttpAnswer answer) {
    byte[] body = answer.errorBody();
    String host = answer.uri().getAuthority();
    try {
      JsonNode first = JsonMapper.shared().readTree(body).path("errors").path(0);
      String code = clip(first.path("code").asString(""));
      String message = clip(first.path("message").asString(""));
      return new RegistryAnswer(
          host,
          answer.status(),
          code,
          code.isEmpty() ? message : code.toLowerCase(java.util.Locale.ROOT) + ": " + message);
    } catch (JacksonException noJson) {
      return new RegistryAnswer(host, answer.status(), "", plain(body));
    }
  }

  private static String plain(byte[] body) {
    String text = new String(body, StandardCharsets.UTF_8).strip();
    boolean markup = text.startsWith("<");
    return markup ? "" : clip(text.replaceAll("\\p{Cntrl}+", " "));
  }

  private static String clip(String text) {
    return text.length() > MAX_TEXT ? text.substring(0, MAX_TEXT) + "…" : text;
  }
}
