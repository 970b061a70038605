package dev.slipway.task;

import java.util.concurrent.LinkedBlockingQueue;

/// One thread that runs events one after the other, in the order in which they were posted. What
/// only its events touch needs no lock.
///
/// A platform thread, so that it goes on at once even when every carrier of virtual threads is
/// busy. Thread-safe.
public final class EventLoop implements AutoCloseable {
  private final LinkedBlockingQueue<Runnable> events = new LinkedBlockingQueue<>();
  private final Thread thread;
  private boolean running = true;

  private EventLoop(String name) {
    this.thread = Thread.ofPlatform().name(name + " loop").daemon().unstarted(this::run);
  }

  /// Starts a loop. Caller closes.
  public static EventLoop start(String name) {
    EventLoop loop = new EventLoop(name);
    loop.thread.start();
    return loop;
  }

  /// Runs the event later on the loop's thread. Never blocks. An event that throws ends neither the
  /// loop nor the events after it; it is handed to the thread's uncaught exception handler.
  public void post(Runnable event) {
    events.add(event);
  }

  /// Runs what was posted before, then ends the thread and waits for it. Not to be called on the
  /// loop.
  @Override
  public void close() {
    post(() -> running = false);
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException again) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    while (running) {
      try {
        events.take().run();
      } catch (InterruptedException unexpected) {
        // Nobody has reason to interrupt this thread, and what waits for its events must not hang:
        // go on.
        continue;
      } catch (RuntimeException | Error bug) {
        thread.getUncaughtExceptionHandler().uncaughtException(thread, bug);
      }
    }
  }
}
