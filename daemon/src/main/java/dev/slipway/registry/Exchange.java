package dev.slipway.registry;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Fact.RegistryAnswer;
import dev.slipway.failure.Unavailable;
import dev.slipway.task.Clock;
import java.net.ConnectException;
import java.net.http.HttpConnectTimeoutException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// Authenticated requests to one registry, tried again where that may help: after a broken
/// connection, 408, 429 and server errors, with growing pauses or the one the server asks for.
/// Thread-safe.
final class Exchange {
  private static final int ATTEMPTS = 5;
  private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  private final HttpTransport transport;
  private final Authorizer authorizer;
  private final Clock clock;

  Exchange(HttpTransport transport, Authorizer authorizer, Clock clock) {
    this.transport = transport;
    this.authorizer = authorizer;
    this.clock = clock;
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

  /// Sends with credentials, once more after a challenge. Caller closes the answer, whatever its
  /// status.
  HttpAnswer send(HttpTransport.Request request, Access access) {
    Optional<String> known =
        authorizer.known(request.endpoint(), access.scopes(), access.credentials());
    HttpAnswer answer = transport.send(with(request, known));
    if (answer.status() != 401) {
      return answer;
    }
    List<String> challenges = answer.headers().allValues("WWW-Authenticate");
    Optional<String> header;
    try {
      header =
          authorizer.answer(request.endpoint(), challenges, access.scopes(), access.credentials());
    } catch (BuildFailure failure) {
      answer.close();
      throw failure;
    }
    if (header.isEmpty()) {
      return answer;
    }
    answer.close();
    return transport.send(with(request, header));
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
        if (attempt == ATTEMPTS || !mayPass(failed)) {
          throw failed;
        }
        clock.sleep(pauseAfter(failed, pause));
        pause = pause.multipliedBy(2);
      }
    }
  }

  BuildFailure failure(HttpAnswer answer, Access access) {
    BuildFailure failure = WireErrors.of(answer, access.action());
    Optional<Duration> asked = answer.header("Retry-After").flatMap(Exchange::seconds);
    return asked.isPresent() && failure instanceof Unavailable unavailable
        ? new Later(asked.get()).wrap(unavailable)
        : failure;
  }

  static boolean mayPass(Unavailable failed) {
    Optional<RegistryAnswer> answer = failed.fact(RegistryAnswer.class);
    if (answer.isPresent()) {
      int status = answer.get().httpStatus();
      return status == 408 || status == 429 || (status >= 500 && status != 501);
    }
    Throwable cause = failed.getCause();
    return cause instanceof java.io.IOException
        && !(cause instanceof ConnectException)
        && !(cause instanceof HttpConnectTimeoutException)
        && !(cause instanceof java.net.UnknownHostException)
        && !(cause instanceof javax.net.ssl.SSLException);
  }

  static Duration pauseAfter(Unavailable failed, Duration usual) {
    for (Throwable each = failed; each != null; each = each.getCause()) {
      if (each.getCause() instanceof Later later) {
        return later.pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : later.pause;
      }
    }
    return usual;
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

  private static Optional<Duration> seconds(String header) {
    return header.matches("[0-9]{1,6}")
        ? Optional.of(Duration.ofSeconds(Long.parseLong(header)))
        : Optional.empty();
  }

  /// Carries how long the server wants to be left alone.
  private static final class Later extends Exception {
    private static final long serialVersionUID = 1;

    private final transient Duration pause;

    private Later(Duration pause) {
      super("retry after " + pause, null, false, false);
      this.pause = pause;
    }

    private Unavailable wrap(Unavailable failure) {
      Unavailable wrapped = new Unavailable(failure.text(), this);
      return failure.facts().isEmpty()
          ? wrapped
          : (Unavailable) wrapped.with(failure.facts().getFirst());
    }
  }
}
