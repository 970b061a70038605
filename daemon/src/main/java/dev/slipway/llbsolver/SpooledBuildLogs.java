package dev.slipway.llbsolver;

import dev.slipway.failure.AlreadyExists;
import dev.slipway.failure.Unavailable;
import dev.slipway.progress.JobLog;
import dev.slipway.progress.ProgressReader;
import dev.slipway.progress.ProgressSink;
import dev.slipway.task.Interruption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Stream;

/// Logs of builds as files: one a build, deleted once more builds than are kept have ended after
/// it. Guarded by its own lock; those wait on it who ask for a build that is still on its way.
public final class SpooledBuildLogs implements BuildLogs, AutoCloseable {
  private final Path directory;
  private final int kept;
  private final SequencedMap<String, Entry> entries = new LinkedHashMap<>();
  private long next;

  private record Entry(JobLog log, Path file, boolean running) {}

  private SpooledBuildLogs(Path directory, int kept) {
    this.directory = directory;
    this.kept = kept;
  }

  /// Opens the directory; logs of an earlier daemon are removed. Caller closes.
  ///
  /// @param kept how many ended builds can be read again
  public static SpooledBuildLogs open(Path directory, int kept) {
    try {
      Files.createDirectories(directory);
      try (Stream<Path> old = Files.list(directory)) {
        for (Path file : old.toList()) {
          Files.deleteIfExists(file);
        }
      }
    } catch (IOException failure) {
      throw new Unavailable(
          "cannot prepare the logs in " + directory + ": " + failure.getMessage(), failure);
    }
    return new SpooledBuildLogs(directory, kept);
  }

  @Override
  public synchronized Open open(String ref) {
    Entry before = entries.get(ref);
    if (before != null && before.running()) {
      throw new AlreadyExists("job ID " + ref + " exists");
    }
    if (before != null) {
      drop(ref, before);
    }
    Path file = directory.resolve(next++ + ".log");
    JobLog log = JobLog.create(file);
    entries.put(ref, new Entry(log, file, true));
    notifyAll();
    return new Running(ref, log);
  }

  @Override
  public synchronized Optional<ProgressReader> read(String ref, Duration patience) {
    long deadline = System.nanoTime() + patience.toNanos();
    try {
      while (!entries.containsKey(ref)) {
        long left = deadline - System.nanoTime();
        if (left <= 0) {
          return Optional.empty();
        }
        wait(Math.max(1, left / 1_000_000));
      }
    } catch (InterruptedException interrupted) {
      throw Interruption.cancelled(interrupted);
    }
    return Optional.ofNullable(entries.get(ref)).map(entry -> entry.log().open());
  }

  private synchronized void ended(String ref, JobLog log) {
    log.finish();
    Entry entry = entries.remove(ref);
    if (entry != null) {
      entries.putLast(ref, new Entry(entry.log(), entry.file(), false));
    }
    while (ended() > kept) {
      oldestEnded().ifPresent(oldest -> drop(oldest.getKey(), oldest.getValue()));
    }
  }

  private long ended() {
    return entries.values().stream().filter(entry -> !entry.running()).count();
  }

  /// Ended ones stand in the order in which they ended.
  private Optional<Map.Entry<String, Entry>> oldestEnded() {
    return entries.entrySet().stream().filter(entry -> !entry.getValue().running()).findFirst();
  }

  private void drop(String ref, Entry entry) {
    entries.remove(ref);
    entry.log().close();
    try {
      Files.deleteIfExists(entry.file());
    } catch (IOException failure) {
      throw new Unavailable("cannot remove the log " + entry.file(), failure);
    }
  }

  @Override
  public synchronized void close() {
    entries.values().forEach(entry -> entry.log().close());
    entries.clear();
  }

  private final class Running implements Open {
    private final String ref;
    private final JobLog log;

    private Running(String ref, JobLog log) {
      this.ref = ref;
      this.log = log;
    }

    @Override
    public ProgressSink sink() {
      return log;
    }

    @Override
    public ProgressReader finish() {
      log.finish();
      return log.open();
    }

    @Override
    public void close() {
      ended(ref, log);
    }
  }
}
