package dev.slipway.session;

import dev.slipway.failure.InvalidRequest;
import io.grpc.Metadata;
import java.time.Duration;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// What a client says of itself when it opens a session (surface reference 1.5).
///
/// @param methods services it serves, as `/package.service/method` in lower case
/// @param healthTimeout both interval and timeout of health checks, when the client wants its own
record SessionHeaders(
    String id,
    String name,
    String sharedKey,
    Set<String> methods,
    Optional<Duration> healthTimeout) {
  private static final int MAX_METHODS = 1000;
  private static final Metadata.Key<String> ID = key("x-docker-expose-session-uuid");
  private static final Metadata.Key<String> NAME = key("x-docker-expose-session-name");
  private static final Metadata.Key<String> SHARED_KEY = key("x-docker-expose-session-sharedkey");
  private static final Metadata.Key<String> METHOD = key("x-docker-expose-session-grpc-method");
  private static final Metadata.Key<String> HEALTH_TIMEOUT =
      key("x-buildkit-session-health-custom-timeout");

  SessionHeaders {
    methods = Set.copyOf(methods);
  }

  static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  /// @throws InvalidRequest there is no session id
  static SessionHeaders read(Metadata headers) {
    String id = text(headers, ID);
    if (id.isEmpty()) {
      throw new InvalidRequest("session without id: header " + ID.name() + " is missing");
    }
    return new SessionHeaders(
        id,
        text(headers, NAME),
        text(headers, SHARED_KEY),
        methods(headers),
        healthTimeout(headers));
  }

  private static String text(Metadata headers, Metadata.Key<String> key) {
    String value = headers.get(key);
    return value == null ? "" : value;
  }

  private static Set<String> methods(Metadata headers) {
    Set<String> methods = new HashSet<>();
    Iterable<String> announced = headers.getAll(METHOD);
    if (announced != null) {
      for (String method : announced) {
        methods.add(method.toLowerCase(Locale.ROOT));
        if (methods.size() > MAX_METHODS) {
          throw new InvalidRequest("session announces more than " + MAX_METHODS + " methods");
        }
      }
    }
    return methods;
  }

  /// BuildKit ignores what is not a positive number and takes less than a second for a second.
  private static Optional<Duration> healthTimeout(Metadata headers) {
    String text = text(headers, HEALTH_TIMEOUT);
    if (!text.matches("[0-9]{1,9}") || Integer.parseInt(text) == 0) {
      return Optional.empty();
    }
    return Optional.of(Duration.ofMillis(Math.max(1000, Integer.parseInt(text))));
  }
}
