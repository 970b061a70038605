package dev.slipway.solver;

import dev.slipway.task.EventLoop;
import dev.slipway.task.TaskScope;

/// One loop, and a virtual thread for each task.
final class LoopAndTasks implements SolverThreads {
  private final EventLoop loop;
  private final TaskScope tasks;

  private LoopAndTasks(EventLoop loop, TaskScope tasks) {
    this.loop = loop;
    this.tasks = tasks;
  }

  static LoopAndTasks start() {
    return new LoopAndTasks(new EventLoop(), TaskScope.open("solver task"));
  }

  @Override
  public void post(Runnable event) {
    loop.post(event);
  }

  @Override
  public Started start(Runnable task) {
    return tasks.forkAction(task::run)::interrupt;
  }

  @Override
  public void close() {
    tasks.close();
    loop.close();
  }
}
