package dev.slipway.task;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/// Runs events one after the other, in the order in which they were posted, never two at a time.
/// What only its events touch needs no lock: each event sees all that those before it did.
///
/// It is a loop without a thread of its own: whoever posts while nothing runs also runs what was
/// posted, and whatever others post meanwhile. So an event follows at once on the work that caused
/// it, without waiting for the scheduler of a busy machine. Events must therefore be short, and
/// must not block. Thread-safe.
public final class EventLoop implements AutoCloseable {
  private final Queue<Runnable> events = new ConcurrentLinkedQueue<>();
  private final AtomicInteger pending = new AtomicInteger();

  /// Runs the event now, or leaves it to the thread that is running events. An event that throws
  /// does not keep those after it from running; what it threw goes to the uncaught exception
  /// handler of the thread that ran it.
  public void post(Runnable event) {
    events.add(event);
    if (pending.getAndIncrement() == 0) {
      runAll();
    }
  }

  /// Waits until all events posted before have run. Not to be called by an event.
  @Override
  public void close() {
    CountDownLatch reached = new CountDownLatch(1);
    post(reached::countDown);
    boolean interrupted = false;
    while (reached.getCount() > 0) {
      try {
        reached.await();
      } catch (InterruptedException again) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void runAll() {
    do {
      Runnable event = events.remove();
      try {
        event.run();
      } catch (RuntimeException | Error bug) {
        Thread thread = Thread.currentThread();
        thread.getUncaughtExceptionHandler().uncaughtException(thread, bug);
      }
    } while (pending.decrementAndGet() > 0);
  }
}
