package dev.slipway.client.session;

import io.grpc.BindableService;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Metadata of the daemon's current call, as text. Lists are query-escaped when a key beside says
/// so (surface reference 2.1).
final class RequestHeaders {
  private static final Context.Key<Metadata> CURRENT = Context.key("session-request-headers");

  private RequestHeaders() {}

  /// The service with its calls' metadata at hand.
  static BindableService carriedTo(BindableService service) {
    return () -> ServerInterceptors.intercept(service, new Carrier());
  }

  static List<String> values(String name) {
    Metadata headers = CURRENT.get();
    Iterable<String> raw = headers == null ? null : headers.getAll(key(name));
    if (raw == null) {
      return List.of();
    }
    boolean escaped = value(name + "-encoded").isPresent();
    List<String> values = new ArrayList<>();
    raw.forEach(
        value -> values.add(escaped ? URLDecoder.decode(value, StandardCharsets.UTF_8) : value));
    return values;
  }

  static Optional<String> value(String name) {
    Metadata headers = CURRENT.get();
    return headers == null ? Optional.empty() : Optional.ofNullable(headers.get(key(name)));
  }

  private static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  private static final class Carrier implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      return Contexts.interceptCall(
          Context.current().withValue(CURRENT, headers), call, headers, next);
    }
  }
}
