package dev.slipway.source.http;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.NotFound;
import dev.slipway.failure.Unavailable;
import dev.slipway.ref.FetchContext;
import dev.slipway.session.SecretsClient;
import dev.slipway.session.UploadClient;
import dev.slipway.task.Interruption;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Asks for one URL. Redirects are followed here rather than by the client, so that credentials
/// stay with the host they are for. Blocking; immutable.
final class HttpDownload {
  private static final int MAX_REDIRECTS = 10;
  private static final Duration FIRST_ANSWER = Duration.ofMinutes(2);
  private static final String SESSION_HOST = "buildkit-session";

  private final HttpConnections connections;
  private final String userAgent;

  HttpDownload(HttpConnections connections, String userAgent) {
    this.connections = connections;
    this.userAgent = userAgent;
  }

  enum Method {
    GET,
    HEAD
  }

  /// An answer that is being read; whoever has it closes it.
  ///
  /// @param status 200 to 399
  record Answer(
      int status,
      Optional<String> etag,
      Optional<String> lastModified,
      Optional<String> disposition,
      InputStream body)
      implements AutoCloseable {
    boolean notModified() {
      return status == 304;
    }

    @Override
    public void close() {
      try {
        body.close();
      } catch (IOException failed) {
        throw new Unavailable("closing a download: " + failed.getMessage(), failed);
      }
    }
  }

  /// Caller closes.
  ///
  /// @param knownEtags answers with 304 when the content is still one of these
  /// @throws BuildFailure the server cannot be reached or refuses
  Answer open(
      HttpIdentifier identifier, Method method, List<String> knownEtags, FetchContext context) {
    if (identifier.uri().getHost().equals(SESSION_HOST)) {
      return upload(identifier.uri(), context);
    }
    Optional<String> authorization = authorization(identifier, context);
    URI uri = identifier.uri();
    for (int redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      boolean sameHost = uri.getHost().equalsIgnoreCase(identifier.uri().getHost());
      HttpResponse<InputStream> response =
          send(
              request(
                  uri,
                  identifier,
                  method,
                  knownEtags,
                  sameHost ? authorization : Optional.empty()));
      Optional<URI> next = redirect(uri, response);
      if (next.isEmpty()) {
        return answer(identifier.uri(), response);
      }
      discard(response);
      uri = next.get();
    }
    throw new InvalidRequest(identifier.uri() + ": stopped after " + MAX_REDIRECTS + " redirects");
  }

  private static Answer upload(URI uri, FetchContext context) {
    InputStream body =
        context.sessions().any(session -> UploadClient.open(session, uri.getHost(), uri.getPath()));
    return new Answer(200, Optional.empty(), Optional.empty(), Optional.empty(), body);
  }

  private HttpRequest request(
      URI uri,
      HttpIdentifier identifier,
      Method method,
      List<String> etags,
      Optional<String> authorization) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri)
            .timeout(FIRST_ANSWER)
            .method(method.name(), HttpRequest.BodyPublishers.noBody());
    request.setHeader("Accept-Encoding", "gzip");
    request.setHeader("User-Agent", userAgent);
    identifier.headers().forEach(request::setHeader);
    authorization.ifPresent(value -> request.setHeader("Authorization", value));
    if (!etags.isEmpty()) {
      request.setHeader("If-None-Match", String.join(", ", etags));
    }
    return request.build();
  }

  private HttpResponse<InputStream> send(HttpRequest request) {
    try {
      return connections.client().send(request, BodyHandlers.ofInputStream());
    } catch (IOException failed) {
      throw new Unavailable(
          request.uri()
              + ": "
              + (failed.getMessage() == null ? failed.toString() : failed.getMessage()),
          failed);
    } catch (InterruptedException interrupted) {
      throw Interruption.cancelled(interrupted);
    }
  }

  private static Optional<URI> redirect(URI from, HttpResponse<InputStream> response) {
    Optional<URI> target =
        switch (response.statusCode()) {
          case 301, 302, 303, 307, 308 ->
              response.headers().firstValue("Location").map(from::resolve);
          default -> Optional.empty();
        };
    if (target.isPresent()
        && (target.get().getHost() == null
            || !String.valueOf(target.get().getScheme()).matches("https?"))) {
      throw new InvalidRequest(from + ": redirects to " + target.get());
    }
    return target;
  }

  private static Answer answer(URI uri, HttpResponse<InputStream> response) {
    int status = response.statusCode();
    if (status < 200 || status >= 400) {
      discard(response);
      String text = "invalid response status " + status;
      throw status == 404 || status == 410
          ? new NotFound(text + " for " + uri)
          : new Unavailable(text + " for " + uri);
    }
    return new Answer(
        status,
        response
            .headers()
            .firstValue("ETag")
            .map(HttpDownload::strong)
            .filter(etag -> !etag.isEmpty()),
        response.headers().firstValue("Last-Modified"),
        response.headers().firstValue("Content-Disposition"),
        plain(uri, response));
  }

  /// Some servers give other ETags to those who accept no compression, so it is always asked for,
  /// and undone here.
  private static InputStream plain(URI uri, HttpResponse<InputStream> response) {
    boolean packed =
        response
            .headers()
            .firstValue("Content-Encoding")
            .filter(encoding -> encoding.equalsIgnoreCase("gzip"))
            .isPresent();
    boolean empty =
        response.statusCode() == 304 || response.request().method().equals(Method.HEAD.name());
    return packed && !empty ? new UnpackedBody(uri, response.body()) : response.body();
  }

  /// Weak and strong are compared alike.
  private static String strong(String etag) {
    return etag.startsWith("W/") ? etag.substring(2) : etag;
  }

  private static void discard(HttpResponse<InputStream> response) {
    try {
      response.body().close();
    } catch (IOException failed) {
      throw new Unavailable(response.uri() + ": " + failed.getMessage(), failed);
    }
  }

  /// The named secret, or else what the client has for the host; missing is fine only for the
  /// latter.
  private static Optional<String> authorization(HttpIdentifier identifier, FetchContext context) {
    if (!identifier.authHeaderSecret().isEmpty()) {
      String name = identifier.authHeaderSecret();
      return Optional.of(
          secret(name, context)
              .orElseThrow(
                  () ->
                      new NotFound("failed to retrieve HTTP auth secret " + name + ": not found")));
    }
    if (context.sessions().ids().isEmpty()) {
      return Optional.empty();
    }
    String host = identifier.uri().getHost();
    return usual("HTTP_AUTH_TOKEN_" + host, context)
        .map(token -> "Bearer " + token)
        .or(() -> usual("HTTP_AUTH_HEADER_" + host, context));
  }

  private static Optional<String> usual(String name, FetchContext context) {
    try {
      return secret(name, context);
    } catch (BuildFailure unanswered) {
      return Optional.empty();
    }
  }

  private static Optional<String> secret(String name, FetchContext context) {
    return SecretsClient.find(context.sessions(), name)
        .map(bytes -> new String(bytes, StandardCharsets.UTF_8).strip());
  }
}
