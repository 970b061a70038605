package dev.slipway.client.progress;

import dev.slipway.api.control.StatusResponse;

/// Shows a build's progress as it comes. Confined to one thread.
public interface ProgressDisplay extends AutoCloseable {
  void show(StatusResponse update);

  /// Shows the last state and leaves the screen in order.
  @Override
  void close();
}
