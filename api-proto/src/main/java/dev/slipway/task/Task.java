package dev.slipway.task;

/// Work that may fail with a checked exception. Used with [TaskScope].
@FunctionalInterface
public interface Task<T> {
  T run() throws Exception;
}
