package dev.slipway.client.session;

import dev.slipway.failure.Cancelled;
import dev.slipway.failure.Unavailable;
import dev.slipway.task.Interruption;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/// One call from the daemon with messages both ways, as blocking reads and writes: at most a few
/// messages wait in either direction. Sending is guarded by its monitor; one thread receives.
final class ServedStream<Q, A> implements StreamObserver<Q> {
  private static final int WAITING = 64;

  private final ServerCallStreamObserver<A> call;
  private final BlockingQueue<Arrival<Q>> arrivals = new ArrayBlockingQueue<>(WAITING + 2);
  private final Object writable = new Object();
  private boolean over;

  private sealed interface Arrival<Q> {
    record Message<Q>(Q message) implements Arrival<Q> {}

    record End<Q>() implements Arrival<Q> {}

    record Broken<Q>(Throwable why) implements Arrival<Q> {}
  }

  /// Must be made on the handler's thread.
  ServedStream(StreamObserver<A> answers) {
    call = (ServerCallStreamObserver<A>) answers;
    call.disableAutoRequest();
    call.setOnReadyHandler(this::wake);
    call.setOnCancelHandler(
        () -> {
          arrivals.offer(new Arrival.Broken<>(new Cancelled("the daemon ended the transfer")));
          wake();
        });
    call.request(WAITING);
  }

  @Override
  public void onNext(Q message) {
    arrivals.add(new Arrival.Message<>(message));
  }

  @Override
  public void onError(Throwable failure) {
    arrivals.offer(new Arrival.Broken<>(failure));
  }

  @Override
  public void onCompleted() {
    arrivals.add(new Arrival.End<>());
  }

  /// The next message; empty at the orderly end.
  ///
  /// @throws Unavailable the call broke
  Optional<Q> receive() {
    if (over) {
      return Optional.empty();
    }
    try {
      return switch (arrivals.take()) {
        case Arrival.Message<Q> arrived -> {
          call.request(1);
          yield Optional.of(arrived.message());
        }
        case Arrival.End<Q> _ -> {
          over = true;
          yield Optional.empty();
        }
        case Arrival.Broken<Q> broken ->
            throw new Unavailable(
                "the daemon's call broke: " + broken.why().getMessage(), broken.why());
      };
    } catch (InterruptedException interrupted) {
      throw Interruption.cancelled(interrupted);
    }
  }

  /// Waits until the call can take more, then sends.
  ///
  /// @throws Cancelled the daemon ended the call
  void send(A message) {
    synchronized (writable) {
      while (!call.isReady() && !call.isCancelled()) {
        try {
          writable.wait();
        } catch (InterruptedException interrupted) {
          throw Interruption.cancelled(interrupted);
        }
      }
      if (call.isCancelled()) {
        throw new Cancelled("the daemon ended the transfer");
      }
      call.onNext(message);
    }
  }

  void complete() {
    synchronized (writable) {
      if (!call.isCancelled()) {
        call.onCompleted();
      }
    }
  }

  void fail(io.grpc.Status status) {
    synchronized (writable) {
      if (!call.isCancelled()) {
        call.onError(status.asRuntimeException());
      }
    }
  }

  private void wake() {
    synchronized (writable) {
      writable.notifyAll();
    }
  }
}
