package dev.slipway.progress;

import java.util.List;
import java.util.Optional;

/// Reads the events of one build from its start to its end, live where the build still runs.
/// Confined to one thread.
public interface ProgressReader extends AutoCloseable {
  /// The next events, in order of time; blocks until there are some. Status items with the same id
  /// are coalesced to the latest within one answer.
  ///
  /// @return empty at the end of the build
  Optional<List<ProgressEvent>> next();

  @Override
  void close();
}
