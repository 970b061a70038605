package dev.slipway.task;

import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// A few platform threads for calls that block inside native code, where a virtual thread would
/// hold on to its carrier. Threads start when needed and end when idle; when all are busy the
/// calling thread does the work itself. Thread-safe.
public final class PlatformThreads {
  private static final int LIMIT = 16;

  private final ExecutorService threads;

  /// @param name what the calls are for; names the threads
  public PlatformThreads(String name) {
    this.threads =
        new ThreadPoolExecutor(
            0,
            LIMIT,
            10,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            Thread.ofPlatform().daemon().name(name + "-", 0).factory(),
            new ThreadPoolExecutor.CallerRunsPolicy());
  }

  /// Runs the call to its end and gives its result or throws what it threw. Interruption does not
  /// stop it (a kernel call has no way to stop); the interrupt flag is kept. The work must not
  /// throw checked exceptions.
  public <T> T call(Task<T> work) {
    if (!Thread.currentThread().isVirtual()) {
      return unwrapped(work);
    }
    return resultOf(threads.submit(work::run));
  }

  /// Runs the call on one of the threads, even for a caller on a platform thread, and gives its
  /// result or throws what it threw. Interruption of the caller interrupts the call and is thrown
  /// at once, whether the call has ended by then or not: for calls that a virtual thread could not
  /// be got out of.
  public <T> T callOrLeave(Task<T> work) throws InterruptedException, IOException {
    Future<T> future = threads.submit(work::run);
    try {
      return future.get();
    } catch (InterruptedException interrupted) {
      future.cancel(true);
      throw interrupted;
    } catch (ExecutionException failed) {
      if (failed.getCause() instanceof IOException failure) {
        throw failure;
      }
      return resultOf(future);
    }
  }

  private static <T> T resultOf(Future<T> future) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return future.get();
        } catch (InterruptedException again) {
          interrupted = true;
        } catch (ExecutionException failed) {
          TaskScope.rethrow(failed.getCause() == null ? failed : failed.getCause());
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /// Runs the call on a thread that is made for it and ends with it: for calls that change the
  /// thread they are made on. Otherwise as [#call].
  public static <T> T callAlone(String name, Task<T> work) {
    FutureTask<T> once = new FutureTask<>(work::run);
    Thread.ofPlatform().daemon().name(name).start(once);
    return resultOf(once);
  }

  private static <T> T unwrapped(Task<T> work) {
    try {
      return work.run();
    } catch (RuntimeException unchecked) {
      throw unchecked;
    } catch (Exception checked) {
      throw new IllegalStateException("a native call failed: " + checked.getMessage(), checked);
    }
  }
}
