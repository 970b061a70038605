package dev.slipway.registry;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.CorruptData;
import dev.slipway.failure.Fact.RegistryAnswer;
import dev.slipway.failure.Unavailable;
import dev.slipway.task.Clock;
import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import javax.net.ssl.SSLException;

/// Authenticated requests to one registry, tried again where that may help: after a broken
/// connection, 408, 429 and server errors, with growing pauses or the one the server asks for.
/// Thread-safe.
final class Exchange {
  private static final int ATTEMPTS = 5;
  private static final int MOST_TOKENS = 2;
  private static final Duration FIRST_PAUSE = Duration.ofMillis(250);

  private final HttpTransport transport;
  private final Authorizer authorizer;
  private final Clock clock;
  private final int attempts;

  Exchange(HttpTransport transport, Authorizer authorizer, Clock clock) {
    this(transport, authorizer, clock, ATTEMPTS);
  }

  private Exchange(HttpTransport transport, Authorizer authorizer, Clock clock, int attempts) {
    this.transport = transport;
    this.authorizer = authorizer;
    this.clock = clock;
    this.attempts = attempts;
  }

  /// The same, which tries nothing again.
  Exchange once() {
    return new Exchange(transport, authorizer, clock, 1);
  }

  /// How often what may pass is tried.
  int attempts() {
    return attempts;
  }

  Clock clock() {
    return clock;
  }

  /// For whom and what for.
  ///
  /// @param scopes of the token
  /// @param action `pull` or `push`, for words
  record Access(CredentialSource credentials, List<String> scopes, String action) {
    Access {
      scopes = List.copyOf(scopes);
    }
  }

  /// Sends with credentials, once more after a challenge, and again should the fresh token have
  /// been revoked on its way. Caller closes the answer, whatever its status.
  HttpAnswer send(HttpTransport.Request request, Access access) {
    Optional<String> sent =
        authorizer.known(request.endpoint(), access.scopes(), access.credentials());
    HttpAnswer answer = transport.send(with(request, sent));
    for (int fresh = 0; fresh < MOST_TOKENS && answer.status() == 401; fresh++) {
      List<String> challenges = answer.headers().allValues("WWW-Authenticate");
      if (fresh > 0 && challenges.stream().anyMatch(Exchange::isFinal)) {
        break;
      }
      Optional<String> header;
      try {
        header =
            authorizer.answer(
                request.endpoint(), challenges, access.scopes(), access.credentials());
      } catch (BuildFailure failure) {
        answer.close();
        throw failure;
      }
      if (header.isEmpty() || fresh > 0 && header.equals(sent)) {
        break;
      }
      answer.close();
      sent = header;
      answer = transport.send(with(request, sent));
    }
    return withWords(answer, request, sent);
  }

  /// What answers a HEAD has no words. Whoever is refused is to read why, so that is asked for.
  private HttpAnswer withWords(
      HttpAnswer refused, HttpTransport.Request request, Optional<String> header) {
    if (!request.method().equals("HEAD") || refused.status() != 401 && refused.status() != 403) {
      return refused;
    }
    HttpAnswer told;
    try {
      told = transport.send(with(request.as("GET"), header));
    } catch (Unavailable silent) {
      return refused;
    }
    HttpAnswer other = told.status() == refused.status() ? refused : told;
    other.close();
    return other == refused ? told : refused;
  }

  /// The token is good, but not for this.
  private static boolean isFinal(String challenge) {
    return challenge.contains("insufficient_scope");
  }

  /// Sends until there is a final answer, and gives it to the reader; everything else than the
  /// accepted statuses is a failure.
  <T> T run(
      HttpTransport.Request request,
      Access access,
      java.util.Set<Integer> accepted,
      Function<HttpAnswer, T> reader) {
    return retry(
        () -> {
          try (HttpAnswer answer = send(request, access)) {
            if (!accepted.contains(answer.status())) {
              throw failure(answer, access);
            }
            return reader.apply(answer);
          }
        });
  }

  /// Runs it again while it fails in a way that may pass.
  <T> T retry(java.util.function.Supplier<T> work) {
    Duration pause = FIRST_PAUSE;
    for (int attempt = 1; ; attempt++) {
      try {
        return work.get();
      } catch (Unavailable failed) {
        if (attempt >= attempts || !mayPass(failed)) {
          throw failed;
        }
        clock.sleep(pauseAfter(failed, pause));
        pause = pause.multipliedBy(2);
      }
    }
  }

  /// Runs it once more where the server answered something impossible: it may be wrong once.
  <T> T twice(java.util.function.Supplier<T> work) {
    try {
      return work.get();
    } catch (CorruptData wrong) {
      return work.get();
    }
  }

  BuildFailure failure(HttpAnswer answer, Access access) {
    return Later.failure(answer, access.action(), clock.now());
  }

  static boolean mayPass(Unavailable failed) {
    Optional<RegistryAnswer> answer = failed.fact(RegistryAnswer.class);
    if (answer.isPresent()) {
      int status = answer.get().httpStatus();
      return status == 408 || status == 429 || (status >= 500 && status != 501);
    }
    Throwable cause = failed.getCause();
    while (cause instanceof Unavailable within) {
      cause = within.getCause();
    }
    return cause instanceof IOException
        && !(cause instanceof ConnectException)
        && !(cause instanceof HttpConnectTimeoutException)
        && !(cause instanceof UnknownHostException)
        && !(cause instanceof SSLException && !isBroken(cause));
  }

  /// Whether the connection ended while TLS was being spoken, as it does at any other time.
  private static boolean isBroken(Throwable tls) {
    Throwable cause = tls.getCause();
    return cause instanceof EOFException || cause instanceof SocketException;
  }

  static Duration pauseAfter(Unavailable failed, Duration usual) {
    return Later.after(failed, usual);
  }

  private static HttpTransport.Request with(
      HttpTransport.Request request, Optional<String> authorization) {
    if (authorization.isEmpty()) {
      return request;
    }
    Map<String, String> headers = new HashMap<>(request.headers());
    headers.put("Authorization", authorization.get());
    return new HttpTransport.Request(
        request.endpoint(), request.method(), request.url(), headers, request.body());
  }
}
