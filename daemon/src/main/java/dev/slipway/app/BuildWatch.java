package dev.slipway.app;

import dev.slipway.api.control.ControlGrpc;
import dev.slipway.session.SessionService;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

/// Sees whether somebody builds: has a session open, or a request to solve. Who asks what workers
/// there are or how the daemon does is not building. Thread-safe.
final class BuildWatch implements ServerInterceptor {
  private static final Set<String> BUILDING =
      Set.of(SessionService.METHOD, ControlGrpc.getSolveMethod().getFullMethodName());

  private int building;
  private long quietSince = System.nanoTime();
  private Optional<Runnable> alarm = Optional.empty();

  /// Has this run whenever a build begins, on the thread that begins it: it must not block.
  synchronized void onBegin(Runnable action) {
    alarm = Optional.of(action);
  }

  synchronized boolean isBuilding() {
    return building > 0;
  }

  /// How much longer nobody must build until nobody has built for so long; zero: that is so.
  synchronized Duration until(Duration quiet) {
    if (building > 0) {
      return quiet;
    }
    Duration left = quiet.minusNanos(System.nanoTime() - quietSince);
    return left.isNegative() ? Duration.ZERO : left;
  }

  /// A build, or a part of one, begins.
  void begin() {
    Optional<Runnable> ring;
    synchronized (this) {
      building++;
      ring = alarm;
    }
    ring.ifPresent(Runnable::run);
  }

  /// What began has ended.
  synchronized void end() {
    building--;
    quietSince = System.nanoTime();
  }

  @Override
  public <A, B> ServerCall.Listener<A> interceptCall(
      ServerCall<A, B> call, Metadata headers, ServerCallHandler<A, B> next) {
    if (!BUILDING.contains(call.getMethodDescriptor().getFullMethodName())) {
      return next.startCall(call, headers);
    }
    begin();
    AtomicBoolean open = new AtomicBoolean(true);
    try {
      return new SimpleForwardingServerCallListener<>(next.startCall(call, headers)) {
        @Override
        public void onComplete() {
          endOnce(open);
          super.onComplete();
        }

        @Override
        public void onCancel() {
          endOnce(open);
          super.onCancel();
        }
      };
    } catch (RuntimeException refused) {
      endOnce(open);
      throw refused;
    }
  }

  private void endOnce(AtomicBoolean open) {
    if (open.getAndSet(false)) {
      end();
    }
  }
}
