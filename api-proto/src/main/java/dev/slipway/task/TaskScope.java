package dev.slipway.task;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Cancelled;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;

/// A group of tasks on virtual threads that ends as one: born in a `try`, joined, and closed.
///
/// The shape follows JEP 505 (still preview in Java 25) so that it can be swapped later:
///
/// ```java
/// try (var scope = TaskScope.open("fetch layers")) {
///   var a = scope.fork(() -> fetch(first));
///   var b = scope.fork(() -> fetch(second));
///   scope.join();              // throws the first failure after interrupting the others
///   use(a.result(), b.result());
/// }
/// ```
///
/// [#close()] interrupts what still runs and waits for it: no task outlives its scope. Thread-safe:
/// tasks may fork siblings.
public final class TaskScope implements AutoCloseable {
  private final String name;
  private final ThreadFactory threads;
  private final List<Forked<?>> tasks = new ArrayList<>();
  private Optional<Throwable> failure = Optional.empty();
  private boolean closed;
  private int running;

  private TaskScope(String name) {
    this.name = name;
    this.threads = Thread.ofVirtual().name(name + "-", 0).factory();
  }

  /// Opens a scope; caller closes.
  ///
  /// @param name what the tasks are for; names their threads
  public static TaskScope open(String name) {
    return new TaskScope(name);
  }

  /// Starts the task on a new virtual thread. The first task to fail interrupts all others.
  ///
  /// After a failure nothing more is started: what is forked then counts as cancelled, so that the
  /// one who forks in a loop reaches [#join()], which throws the failure itself.
  ///
  /// @throws Cancelled when the scope is closed
  public synchronized <T> Forked<T> fork(Task<T> task) {
    if (closed) {
      throw new Cancelled(name + ": no new work, the scope has ended");
    }
    Forked<T> forked = new Forked<>();
    if (failure.isPresent()) {
      forked.cancel(new Cancelled(name + ": not started, another task has failed"));
      return forked;
    }
    Thread thread = threads.newThread(() -> forked.run(this, task));
    forked.thread = Optional.of(thread);
    tasks.add(forked);
    running++;
    thread.start();
    return forked;
  }

  /// Starts a task that has no result.
  public Forked<Optional<Void>> forkAction(Action action) {
    return fork(
        () -> {
          action.run();
          return Optional.<Void>empty();
        });
  }

  /// Waits until every task has ended.
  ///
  /// @throws BuildFailure the first task's failure, as it was thrown
  /// @throws Cancelled when this thread is interrupted; the tasks are interrupted too
  public void join() {
    try {
      synchronized (this) {
        while (running > 0) {
          wait();
        }
      }
    } catch (InterruptedException interrupted) {
      interruptAll();
      throw Interruption.cancelled(interrupted);
    }
    failure().ifPresent(TaskScope::rethrow);
  }

  /// The first failure so far, if any.
  public synchronized Optional<Throwable> failure() {
    return failure;
  }

  /// Interrupts all tasks that still run, without waiting.
  public synchronized void interruptAll() {
    for (Forked<?> task : tasks) {
      task.thread.ifPresent(Thread::interrupt);
    }
  }

  /// Interrupts what still runs and waits for its end, even when this thread is itself interrupted.
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    interruptAll();
    boolean interrupted = false;
    synchronized (this) {
      while (running > 0) {
        try {
          wait();
        } catch (InterruptedException again) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void ended(Forked<?> task, Optional<Throwable> thrown) {
    running--;
    tasks.remove(task);
    if (thrown.isPresent() && failure.isEmpty()) {
      failure = thrown;
      interruptAll();
    }
    notifyAll();
  }

  /// Throws it again as what it is; checked exceptions that crossed a task are wrapped as bugs.
  static void rethrow(Throwable thrown) {
    switch (thrown) {
      case RuntimeException unchecked -> throw unchecked;
      case Error error -> throw error;
      default -> throw new IllegalStateException("a task failed: " + thrown.getMessage(), thrown);
    }
  }

  /// An action without result that may fail.
  @FunctionalInterface
  public interface Action {
    void run() throws Exception;
  }

  /// A task that was started.
  public static final class Forked<T> {
    private final CountDownLatch done = new CountDownLatch(1);
    private Optional<Thread> thread = Optional.empty();
    private Optional<T> result = Optional.empty();
    private Optional<Throwable> failure = Optional.empty();

    private Forked() {}

    private void run(TaskScope scope, Task<T> task) {
      Optional<Throwable> thrown = Optional.empty();
      try {
        result = Optional.of(task.run());
      } catch (InterruptedException interrupted) {
        thrown = Optional.of(Interruption.cancelled(interrupted));
      } catch (Throwable any) {
        thrown = Optional.of(any);
      }
      failure = thrown;
      done.countDown();
      scope.ended(this, thrown);
    }

    private void cancel(Cancelled reason) {
      failure = Optional.of(reason);
      done.countDown();
    }

    /// Asks this one task to stop.
    public void interrupt() {
      thread.ifPresent(Thread::interrupt);
    }

    /// Waits for this task alone and gives its result or throws its failure.
    public T result() {
      try {
        done.await();
      } catch (InterruptedException interrupted) {
        throw Interruption.cancelled(interrupted);
      }
      failure.ifPresent(TaskScope::rethrow);
      return result.orElseThrow(() -> new IllegalStateException("a task ended without result"));
    }
  }
}
