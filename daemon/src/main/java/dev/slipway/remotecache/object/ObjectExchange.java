package dev.slipway.remotecache.object;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Exhausted;
import dev.slipway.failure.Fact.RegistryAnswer;
import dev.slipway.failure.Unavailable;
import dev.slipway.registry.HttpAnswer;
import dev.slipway.registry.HttpSender;
import dev.slipway.task.Clock;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLException;

/// Signed requests to one service, sent again where that may help: after a broken connection, when
/// the service has too much to do, and on its own errors. Thread-safe.
///
/// @param signer called for each sending
public record ObjectExchange(
    StoreConnections connections,
    UnaryOperator<ObjectRequest> signer,
    Attempts attempts,
    Clock clock) {
  /// Largest answer that is read at once.
  private static final int MAX_TEXT = 1 << 20;

  /// How often, and for how long.
  ///
  /// @param most how many in all
  /// @param most how many in all; more where the service only asks to come later
  /// @param within no attempt starts later than this after the first
  /// @param patience how long the service may be silent
  public record Attempts(int most, Duration within, Duration patience) {
    public static final Attempts STANDARD =
        new Attempts(5, Duration.ofMinutes(5), Duration.ofSeconds(60));

    private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(20);
  }

  /// Sends until there is a final answer, and gives it to the reader.
  ///
  /// @param accepted statuses the reader understands; every other one is a failure
  public <T> T run(ObjectRequest request, Set<Integer> accepted, Function<HttpAnswer, T> reader) {
    return again(
        () -> {
          try (HttpAnswer answer = send(request)) {
            requireAccepted(answer, accepted);
            return reader.apply(answer);
          }
        });
  }

  /// As [#run], for answers that are streams. Caller closes.
  public HttpAnswer open(ObjectRequest request, Set<Integer> accepted) {
    return again(
        () -> {
          HttpAnswer answer = send(request);
          try {
            requireAccepted(answer, accepted);
            return answer;
          } catch (BuildFailure failure) {
            answer.close();
            throw failure;
          }
        });
  }

  /// The answer's body, if it is not too large.
  ///
  /// @throws Unavailable it broke off; may be tried again
  public static byte[] body(HttpAnswer answer, int atMost) {
    try {
      byte[] bytes = answer.body().readNBytes(atMost + 1);
      if (bytes.length > atMost) {
        throw new Exhausted(
            "the answer from "
                + AnswerFailures.place(answer)
                + " is larger than "
                + atMost
                + " bytes");
      }
      return bytes;
    } catch (IOException broken) {
      throw new Unavailable(
          "reading the answer from " + AnswerFailures.place(answer) + ": " + broken.getMessage(),
          broken);
    }
  }

  public static byte[] text(HttpAnswer answer) {
    return body(answer, MAX_TEXT);
  }

  private HttpAnswer send(ObjectRequest request) {
    ObjectRequest signed = signer.apply(request);
    return new HttpSender(attempts.patience())
        .send(
            connections.client(),
            new HttpSender.Head(signed.method(), signed.uri(), signed.headers()),
            signed.body());
  }

  private static void requireAccepted(HttpAnswer answer, Set<Integer> accepted) {
    if (!accepted.contains(answer.status())) {
      throw AnswerFailures.of(answer);
    }
  }

  private <T> T again(Supplier<T> work) {
    Instant last = clock.now().plus(attempts.within());
    Duration pause = Attempts.FIRST_PAUSE;
    for (int attempt = 1; ; attempt++) {
      try {
        return work.get();
      } catch (BuildFailure failure) {
        Duration wait = AnswerFailures.wantedPause(failure).orElse(pause);
        if ((attempt >= attempts.most() && !isAskedToWait(failure))
            || !mayPass(failure)
            || clock.now().plus(wait).isAfter(last)) {
          throw failure;
        }
        clock.sleep(wait);
        Duration longer = pause.multipliedBy(2);
        pause = longer.compareTo(Attempts.LONGEST_PAUSE) < 0 ? longer : Attempts.LONGEST_PAUSE;
      }
    }
  }

  private static boolean isAskedToWait(BuildFailure failure) {
    return failure
        .fact(RegistryAnswer.class)
        .filter(answer -> answer.httpStatus() == 429)
        .isPresent();
  }

  private static boolean mayPass(BuildFailure failure) {
    Optional<RegistryAnswer> answer = failure.fact(RegistryAnswer.class);
    if (answer.isPresent()) {
      int status = answer.get().httpStatus();
      return status == 408
          || status == 429
          || (status >= 500 && status != 501)
          || answer.get().code().equals("RequestTimeout");
    }
    return failure instanceof Unavailable
        && failure.getCause() instanceof IOException broken
        && !(broken instanceof ConnectException)
        && !(broken instanceof HttpConnectTimeoutException)
        && !(broken instanceof UnknownHostException)
        && !(broken instanceof SSLException);
  }
}
