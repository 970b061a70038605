package dev.slipway.rpc;

import io.grpc.Context;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;

/// Turns the end of a call (the caller cancelled, its connection broke, its deadline passed) into
/// interruption of the virtual thread that serves it. Handlers on event loops are left alone.
final class CancellationInterceptor implements ServerInterceptor {
  @Override
  public <A, B> ServerCall.Listener<A> interceptCall(
      ServerCall<A, B> call, Metadata headers, ServerCallHandler<A, B> next) {
    Context context = Context.current();
    return new SimpleForwardingServerCallListener<>(next.startCall(call, headers)) {
      @Override
      public void onMessage(A message) {
        interruptibly(context, () -> super.onMessage(message));
      }

      @Override
      public void onHalfClose() {
        interruptibly(context, super::onHalfClose);
      }

      @Override
      public void onReady() {
        interruptibly(context, super::onReady);
      }
    };
  }

  private static void interruptibly(Context context, Runnable handler) {
    if (!Thread.currentThread().isVirtual()) {
      handler.run();
      return;
    }
    Serving serving = new Serving(Thread.currentThread());
    Context.CancellationListener listener = _ -> serving.interrupt();
    context.addListener(listener, Runnable::run);
    try {
      handler.run();
    } finally {
      context.removeListener(listener);
      serving.ended();
    }
  }

  /// A thread while it serves; interrupted at most during that time. Guarded by itself.
  private static final class Serving {
    private final Thread thread;
    private boolean over;
    private boolean interrupted;

    Serving(Thread thread) {
      this.thread = thread;
    }

    synchronized void interrupt() {
      if (!over) {
        interrupted = true;
        thread.interrupt();
      }
    }

    synchronized void ended() {
      over = true;
      if (interrupted) {
        // Ours alone: what else runs on this thread for the same call must not see it.
        Thread.interrupted();
      }
    }
  }
}
