package dev.slipway.client.build;

import com.google.rpc.Status;
import dev.slipway.api.gateway.LLBBridgeGrpc;
import dev.slipway.api.gateway.LLBBridgeGrpc.LLBBridgeBlockingStub;
import dev.slipway.api.gateway.PingRequest;
import dev.slipway.api.gateway.Result;
import dev.slipway.api.gateway.ReturnRequest;
import dev.slipway.api.gateway.SolveRequest;
import io.grpc.Channel;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.MetadataUtils;
import java.util.LinkedHashMap;
import java.util.Map;

/// What is asked of a frontend while its build waits to be told what to do; the build ends with the
/// answer (BuildKit v0.32.2, `client/build.go`). Thread-safe.
final class Questions {
  private static final Metadata.Key<String> BUILD =
      Metadata.Key.of("buildkit-controlapi-buildid", Metadata.ASCII_STRING_MARSHALLER);

  private final Channel daemon;

  Questions(Channel daemon) {
    this.daemon = daemon;
  }

  /// Ends the build, well or not: its own request tells the failure, with all that is known of it.
  ///
  /// @return the parts of the answer by name; empty when there is none
  Map<String, byte[]> ask(String build, String frontend, Map<String, String> options) {
    Metadata headers = new Metadata();
    headers.put(BUILD, build);
    LLBBridgeBlockingStub bridge =
        LLBBridgeGrpc.newBlockingStub(daemon)
            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
    SolveRequest request =
        SolveRequest.newBuilder()
            .setFrontend(frontend)
            .putAllFrontendOpt(options)
            .setAllowResultReturn(true)
            .setAllowResultArrayRef(true)
            .setFinal(true)
            .build();
    Result result;
    try {
      bridge.ping(PingRequest.getDefaultInstance());
      result = bridge.solve(request).getResult();
    } catch (StatusRuntimeException failure) {
      giveBack(bridge, ReturnRequest.newBuilder().setError(statusOf(failure)).build());
      return Map.of();
    }
    giveBack(bridge, ReturnRequest.newBuilder().setResult(result).build());
    Map<String, byte[]> parts = new LinkedHashMap<>();
    result.getMetadataMap().forEach((name, bytes) -> parts.put(name, bytes.toByteArray()));
    return parts;
  }

  private static Status statusOf(StatusRuntimeException failure) {
    Status status = StatusProto.fromThrowable(failure);
    return status == null
        ? Status.newBuilder().setCode(failure.getStatus().getCode().value()).build()
        : status;
  }

  private static void giveBack(LLBBridgeBlockingStub bridge, ReturnRequest request) {
    try {
      bridge.return_(request);
    } catch (StatusRuntimeException _) {
      // the build has ended by itself, and tells why
    }
  }
}
