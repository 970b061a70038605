package dev.slipway.solver;

/// Where the solver's work runs. The real form has a loop and a virtual thread for each task; the
/// tests' form runs everything on one thread, in an order drawn from a seed.
interface SolverThreads {
  /// Runs the event on the loop: never together with another, and after those posted before by the
  /// same thread.
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
