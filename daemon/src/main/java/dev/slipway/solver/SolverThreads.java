package dev.slipway.solver;

/// Where the solver's work runs. The real form has one loop thread and a virtual thread for each
/// task; tests have forms that run everything on one thread in an order drawn from a seed.
interface SolverThreads {
  /// Runs the event on the loop thread, after those posted before by the same thread. Never blocks.
  void post(Runnable event);

  /// Starts a task on a thread of its own. It must not throw.
  Started start(Runnable task);

  /// Waits for all tasks and events, then ends.
  void close();

  /// A task that was started.
  @FunctionalInterface
  interface Started {
    void interrupt();
  }
}
