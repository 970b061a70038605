package dev.slipway.session;

import dev.slipway.failure.Unsupported;
import dev.slipway.task.Interruption;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// A call of which both ends stream, for blocking code: one thread receives, one thread (the same
/// or another) sends. Messages are taken from the connection in batches, at most a window of them
/// ahead of the reader.
///
/// Guarded by its lock, which is never held while blocking on the connection. Closing cancels the
/// call unless it has ended.
final class MessageStream<Q, A> implements AutoCloseable {
  private static final int WINDOW = 256;

  private final ClientCall<Q, A> call;
  private final String doing;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private Queue<A> arrived = new ArrayDeque<>();
  private Optional<Status> ended = Optional.empty();
  private Metadata trailers = new Metadata();

  /// Only the receiving thread's.
  private Queue<A> batch = new ArrayDeque<>();

  private int taken;

  /// Whether the call says when it can take more; one that takes a single message never may (grpc,
  /// `ClientCall.Listener.onReady`).
  private final boolean saysReady;

  private MessageStream(ClientCall<Q, A> call, boolean saysReady, String doing) {
    this.call = call;
    this.saysReady = saysReady;
    this.doing = doing;
  }

  /// Starts the call. Caller closes.
  ///
  /// @param doing what failures say was being done
  /// @throws Unsupported the client has not announced the method
  static <Q, A> MessageStream<Q, A> open(
      Session session, MethodDescriptor<Q, A> method, Metadata headers, String doing) {
    requireSupport(session, method);
    CallOptions options = CallOptions.DEFAULT.withExecutor(Runnable::run);
    MessageStream<Q, A> stream =
        new MessageStream<>(
            session.channel().newCall(method, options),
            !method.getType().clientSendsOneMessage(),
            doing);
    stream.call.start(stream.new Arrivals(), headers);
    stream.call.request(WINDOW);
    return stream;
  }

  static void requireSupport(Session session, MethodDescriptor<?, ?> method) {
    if (!session.supports("/" + method.getFullMethodName())) {
      throw new Unsupported(
          "method /" + method.getFullMethodName() + " not supported by the client");
    }
  }

  /// Waits for the next message.
  ///
  /// @return empty when the client has ended the call well
  /// @throws dev.slipway.failure.BuildFailure what the client answered instead, or that it has gone
  Optional<A> receive() {
    A next = batch.poll();
    if (next == null) {
      awaitBatch();
      next = batch.poll();
    }
    return Optional.ofNullable(next);
  }

  private void awaitBatch() {
    lock.lock();
    try {
      while (arrived.isEmpty() && ended.isEmpty()) {
        changed.await();
      }
      if (arrived.isEmpty()) {
        requireOk();
        return;
      }
      Queue<A> empty = batch;
      batch = arrived;
      arrived = empty;
    } catch (InterruptedException interrupted) {
      throw Interruption.cancelled(interrupted);
    } finally {
      lock.unlock();
    }
    taken += batch.size();
    if (taken >= WINDOW / 4) {
      call.request(taken);
      taken = 0;
    }
  }

  private void requireOk() {
    Status status = ended.orElse(Status.OK);
    if (!status.isOk()) {
      throw ClientFailures.of(status, trailers, doing);
    }
  }

  /// Sends one message, waiting while too much is under way.
  ///
  /// @throws dev.slipway.failure.BuildFailure what the client ended the call with
  void send(Q message) {
    lock.lock();
    try {
      while (saysReady && !call.isReady() && ended.isEmpty()) {
        changed.await();
      }
      if (ended.isPresent()) {
        requireOk();
        throw new dev.slipway.failure.Unavailable(doing + ": the client ended the transfer early");
      }
    } catch (InterruptedException interrupted) {
      throw Interruption.cancelled(interrupted);
    } finally {
      lock.unlock();
    }
    call.sendMessage(message);
  }

  /// Says that nothing more will be sent.
  void halfClose() {
    call.halfClose();
  }

  /// Waits until the client ends the call, dropping what it still sends.
  void awaitEnd() {
    while (receive().isPresent()) {
      batch.clear();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      if (ended.isPresent()) {
        return;
      }
    } finally {
      lock.unlock();
    }
    call.cancel("no longer wanted", null);
  }

  private final class Arrivals extends ClientCall.Listener<A> {
    @Override
    public void onMessage(A message) {
      lock.lock();
      try {
        arrived.add(message);
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void onReady() {
      lock.lock();
      try {
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void onClose(Status status, Metadata last) {
      lock.lock();
      try {
        ended = Optional.of(status);
        trailers = last;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }
}
