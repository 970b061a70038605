package dev.slipway.llbsolver;

import dev.slipway.progress.ProgressReader;
import dev.slipway.progress.ProgressSink;
import java.time.Duration;
import java.util.Optional;

/// Where the events of builds go and are read again, by the build's ref. Thread-safe.
public interface BuildLogs {
  /// Starts the log of a build. Closing it ends the log for its readers; it can be read for some
  /// time after. Caller closes.
  ///
  /// @throws dev.slipway.failure.AlreadyExists a log of that ref is open
  Open open(String ref);

  /// Reads a log from its start, waiting for it to be opened if need be. Caller closes.
  ///
  /// @return empty when there is none after the wait
  Optional<ProgressReader> read(String ref, Duration patience);

  interface Open extends AutoCloseable {
    ProgressSink sink();

    /// Ends the log for its readers, and reads all of it. Caller closes.
    ProgressReader finish();

    @Override
    void close();
  }
}
