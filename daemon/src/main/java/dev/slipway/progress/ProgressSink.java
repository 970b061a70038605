package dev.slipway.progress;

/// Takes events, in the order given by each thread. Never blocks on a slow reader for long and
/// never fails the work that reports.
@FunctionalInterface
public interface ProgressSink {
  void emit(ProgressEvent event);

  static ProgressSink none() {
    return _ -> {};
  }
}
