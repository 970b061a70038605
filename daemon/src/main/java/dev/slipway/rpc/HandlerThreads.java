package dev.slipway.rpc;

import dev.slipway.failure.Cancelled;
import dev.slipway.task.TaskScope;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One virtual thread for everything that gRPC wants run. Thread-safe. Closing interrupts and
/// awaits what still runs.
public final class HandlerThreads implements Executor, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HandlerThreads.class);

  private final TaskScope scope;

  /// @param name of the threads
  public HandlerThreads(String name) {
    scope = TaskScope.open(name);
  }

  @Override
  public void execute(Runnable command) {
    try {
      scope.forkAction(() -> run(command));
    } catch (Cancelled closed) {
      throw new RejectedExecutionException("the daemon is stopping", closed);
    }
  }

  /// What is thrown here is thrown by gRPC itself; it must not end the scope, and with it all other
  /// requests.
  private static void run(Runnable command) {
    try {
      command.run();
    } catch (RuntimeException | Error bug) {
      LOG.error("a request's thread ended with a bug", bug);
    }
  }

  @Override
  public void close() {
    scope.close();
  }
}
