package dev.slipway.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.api.control.ControlGrpc;
import dev.slipway.api.control.InfoRequest;
import dev.slipway.api.control.InfoResponse;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

final class RequestThreadsTest {
  private final List<Status> ends = new ArrayList<>();
  private final List<Runnable> given = new ArrayList<>();
  private int handled;

  @Test
  void aWholeRequestIsHandledOnAnotherThread() {
    ServerCall.Listener<InfoRequest> listener = start(new RequestThreads(given::add));

    listener.onHalfClose();
    assertThat(handled).isZero();

    given.getFirst().run();
    assertThat(handled).isEqualTo(1);
    assertThat(ends).isEmpty();
  }

  @Test
  void aRequestThatComesWhileTheDaemonStopsIsToldSo() {
    ServerCall.Listener<InfoRequest> listener =
        start(
            new RequestThreads(
                _ -> {
                  throw new RejectedExecutionException("the daemon is stopping");
                }));

    listener.onHalfClose();

    assertThat(handled).isZero();
    assertThat(ends).hasSize(1);
    assertThat(ends.getFirst().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(ends.getFirst().getDescription()).isEqualTo("the daemon is stopping");
  }

  private ServerCall.Listener<InfoRequest> start(RequestThreads threads) {
    return threads.interceptCall(
        new Call(),
        new Metadata(),
        (_, _) ->
            new ServerCall.Listener<>() {
              @Override
              public void onHalfClose() {
                handled++;
              }
            });
  }

  private final class Call extends ServerCall<InfoRequest, InfoResponse> {
    @Override
    public void request(int messages) {}

    @Override
    public void sendHeaders(Metadata headers) {}

    @Override
    public void sendMessage(InfoResponse message) {}

    @Override
    public void close(Status status, Metadata trailers) {
      ends.add(status);
    }

    @Override
    public boolean isCancelled() {
      return false;
    }

    @Override
    public MethodDescriptor<InfoRequest, InfoResponse> getMethodDescriptor() {
      return ControlGrpc.getInfoMethod();
    }
  }
}
