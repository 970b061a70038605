package dev.slipway.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.api.control.ControlGrpc;
import dev.slipway.failure.Unavailable;
import io.grpc.Attributes;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BuildWatchTest {
  private static final Duration HOUR = Duration.ofHours(1);

  private final BuildWatch watch = new BuildWatch();

  @Test
  void whoSolvesBuildsUntilTheCallEnds() {
    ServerCall.Listener<?> solve = call(ControlGrpc.getSolveMethod());
    assertThat(watch.isBuilding()).isTrue();
    assertThat(watch.until(HOUR)).isEqualTo(HOUR);

    solve.onComplete();
    assertThat(watch.isBuilding()).isFalse();
    assertThat(watch.until(HOUR)).isBetween(Duration.ofMinutes(59), HOUR);
    assertThat(watch.until(Duration.ZERO)).isZero();
  }

  @Test
  void whoHasASessionOpenBuildsUntilItBreaks() {
    ServerCall.Listener<?> session = call(ControlGrpc.getSessionMethod());
    assertThat(watch.isBuilding()).isTrue();

    session.onCancel();
    assertThat(watch.isBuilding()).isFalse();
  }

  @Test
  void whoAsksDoesNotBuild() {
    call(ControlGrpc.getListWorkersMethod());
    call(ControlGrpc.getInfoMethod());

    assertThat(watch.isBuilding()).isFalse();
  }

  @Test
  void aCallThatIsRefusedIsNoBuild() {
    assertThatThrownBy(
            () ->
                watch.interceptCall(
                    new Call<>(ControlGrpc.getSolveMethod()),
                    new Metadata(),
                    (_, _) -> {
                      throw new Unavailable("draining");
                    }))
        .isInstanceOf(Unavailable.class);

    assertThat(watch.isBuilding()).isFalse();
  }

  @Test
  void whoeverWantsToKnowIsToldWhenABuildBegins() {
    List<Boolean> told = new ArrayList<>();
    watch.onBegin(() -> told.add(watch.isBuilding()));

    call(ControlGrpc.getListWorkersMethod());
    call(ControlGrpc.getSolveMethod());

    assertThat(told).containsExactly(true);
  }

  private <A, B> ServerCall.Listener<A> call(MethodDescriptor<A, B> method) {
    ServerCallHandler<A, B> handler = (_, _) -> new ServerCall.Listener<>() {};
    return watch.interceptCall(new Call<>(method), new Metadata(), handler);
  }

  /// A call that is only named.
  private static final class Call<A, B> extends ServerCall<A, B> {
    private final MethodDescriptor<A, B> method;

    Call(MethodDescriptor<A, B> method) {
      this.method = method;
    }

    @Override
    public MethodDescriptor<A, B> getMethodDescriptor() {
      return method;
    }

    @Override
    public Attributes getAttributes() {
      return Attributes.EMPTY;
    }

    @Override
    public void request(int messages) {}

    @Override
    public void sendHeaders(Metadata headers) {}

    @Override
    public void sendMessage(B message) {}

    @Override
    public void close(Status status, Metadata trailers) {}

    @Override
    public boolean isCancelled() {
      return false;
    }
  }
}
