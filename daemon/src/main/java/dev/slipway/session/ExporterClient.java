package dev.slipway.session;

import com.google.protobuf.ByteString;
import dev.slipway.api.exporter.ExporterGrpc;
import dev.slipway.api.exporter.FinalizeExportRequest;
import dev.slipway.api.exporter.FindExportersRequest;
import dev.slipway.api.exporter.FindExportersResponse;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.FailureKind;
import io.grpc.StatusRuntimeException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// Asks a client what it wants exported of a result it can look at, and tells it what came of all
/// exports (surface reference 2.8). A client that does not answer these questions wants nothing.
/// Blocking; thread-safe.
public final class ExporterClient {
  private ExporterClient() {}

  /// An export that the client wants.
  public record Wanted(String type, Map<String, String> attributes) {
    public Wanted {
      attributes = Map.copyOf(attributes);
    }
  }

  /// @param metadata of the result
  /// @param refs ids under which the client can read the results' files
  public static List<Wanted> find(
      Session session, Map<String, byte[]> metadata, List<String> refs) {
    FindExportersRequest.Builder request = FindExportersRequest.newBuilder().addAllRefs(refs);
    metadata.forEach((key, value) -> request.putMetadata(key, ByteString.copyFrom(value)));
    return ask(session, "finding exporters", stub -> stub.findExporters(request.build()))
        .map(FindExportersResponse::getExportersList)
        .orElse(List.of())
        .stream()
        .map(each -> new Wanted(each.getType(), each.getAttrsMap()))
        .toList();
  }

  /// @param response as the build's caller gets it
  /// @throws BuildFailure what the client says against it
  public static void finish(Session session, Map<String, String> response) {
    FinalizeExportRequest request =
        FinalizeExportRequest.newBuilder().putAllExporterResponse(response).build();
    ask(session, "finalizing the export", stub -> stub.finalizeExport(request));
  }

  private static <T> Optional<T> ask(
      Session session, String doing, Function<ExporterGrpc.ExporterBlockingStub, T> call) {
    try {
      return Optional.of(call.apply(ExporterGrpc.newBlockingStub(session.channel())));
    } catch (StatusRuntimeException failed) {
      BuildFailure failure = ClientFailures.of(failed, doing);
      if (failure.kind() == FailureKind.UNSUPPORTED || failure.kind() == FailureKind.UNAVAILABLE) {
        return Optional.empty();
      }
      throw failure;
    }
  }
}
