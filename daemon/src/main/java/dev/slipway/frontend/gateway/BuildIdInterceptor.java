package dev.slipway.frontend.gateway;

import dev.slipway.failure.InvalidRequest;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.util.ArrayList;
import java.util.List;

/// Carries the id of the build a gateway call belongs to from the request's metadata to the
/// handler.
public final class BuildIdInterceptor implements ServerInterceptor {
  private static final Metadata.Key<String> HEADER =
      Metadata.Key.of("buildkit-controlapi-buildid", Metadata.ASCII_STRING_MARSHALLER);
  private static final Context.Key<List<String>> BUILD_IDS = Context.key("build-ids");

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    List<String> ids = new ArrayList<>();
    Iterable<String> values = headers.getAll(HEADER);
    if (values != null) {
      values.forEach(ids::add);
    }
    return Contexts.interceptCall(
        Context.current().withValue(BUILD_IDS, List.copyOf(ids)), call, headers, next);
  }

  /// The id of the current call.
  ///
  /// @throws InvalidRequest none, or more than one
  static String currentBuildId() {
    List<String> ids = BUILD_IDS.get();
    if (ids == null || ids.isEmpty()) {
      throw new InvalidRequest(
          "no buildid found in context: the request's metadata lacks " + HEADER.name());
    }
    if (ids.size() > 1) {
      throw new InvalidRequest(
          ids.size() + " values of " + HEADER.name() + " in the request's metadata, want one");
    }
    return ids.getFirst();
  }
}
