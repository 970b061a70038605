package dev.slipway.history;

import dev.slipway.content.ContentStore;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Cancelled;
import dev.slipway.failure.NotFound;
import dev.slipway.history.BuildRecord.Asked;
import dev.slipway.history.HistoryEvent.Completed;
import dev.slipway.history.HistoryEvent.Deleted;
import dev.slipway.history.HistoryEvent.Started;
import dev.slipway.metadata.MetadataDatabase;
import dev.slipway.metadata.Schema;
import dev.slipway.oci.Digest;
import dev.slipway.progress.ProgressEvent;
import dev.slipway.progress.ProgressReader;
import dev.slipway.task.Clock;
import dev.slipway.task.Interruption;
import dev.slipway.task.TaskScope;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// All builds that run and those that ended and are remembered. See the package for what a record
/// keeps.
///
/// Guarded by its monitor, which is not held while blobs are written.
public final class BuildHistory implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(BuildHistory.class);
  private static final Duration PAUSE = Duration.ofMinutes(2);

  private final RecordTable table;
  private final KeptBlobs blobs;
  private final ContentStore content;
  private final RecordWriter writer;
  private final Retention retention;
  private final Clock clock;
  private final TaskScope background = TaskScope.open("build history");
  private final Map<String, KeptBlobs.Hold> holds = new HashMap<>();
  private final Map<String, BuildRecord> running = new LinkedHashMap<>();
  private final Set<HistoryListener> listeners = new HashSet<>();

  /// Records that somebody listens to by name are deleted only when the last of them leaves.
  private final Map<String, Integer> awaited = new HashMap<>();

  private final Set<String> doomed = new HashSet<>();

  /// What a history is made on.
  ///
  /// @param unneeded deletes blobs that nothing else needs either
  /// @param messages writes progress as clients read it, as many messages as it takes
  public record Ground(
      MetadataDatabase database,
      ContentStore content,
      Consumer<Collection<Digest>> unneeded,
      Function<List<ProgressEvent>, List<byte[]>> messages,
      Clock clock) {}

  private BuildHistory(Ground ground, Retention retention) {
    this.table = new RecordTable(ground.database());
    this.blobs = new KeptBlobs(ground.content(), ground.unneeded());
    this.content = ground.content();
    this.writer = new RecordWriter(blobs, ground.messages(), ground.clock());
    this.retention = retention;
    this.clock = ground.clock();
  }

  /// The tables it needs in its database.
  public static Schema schema() {
    return RecordTable.SCHEMA;
  }

  /// Opens what was remembered; records whose blobs are gone (a power failure) are dropped. Caller
  /// closes.
  public static BuildHistory open(Ground ground, Retention retention) {
    BuildHistory history = new BuildHistory(ground, retention);
    for (BuildRecord record : history.table.all()) {
      Optional<KeptBlobs.Hold> hold = history.writer.reopen(record);
      hold.ifPresent(kept -> history.holds.put(record.ref(), kept));
      if (hold.isEmpty()) {
        log.warn("the record of build {} is dropped: its log or error is gone", record.ref());
        history.table.delete(record.ref());
      }
    }
    history.background.forkAction(history::retainAgainAndAgain);
    return history;
  }

  /// Whether a record keeps that blob.
  public boolean holds(Digest blob) {
    return blobs.holds(blob);
  }

  /// A build starts.
  public BuildRecording start(String ref, Asked asked) {
    BuildRecord record =
        new BuildRecord(ref, asked, clock.now(), Optional.empty(), Optional.empty(), 0, false);
    synchronized (this) {
      running.put(ref, record);
      tell(new Started(record));
    }
    return new BuildRecording(this, record);
  }

  void end(BuildRecord record, ProgressReader said, BuildRecording.Gathered gathered) {
    TaskScope.Forked<?> writing;
    try {
      writing = background.forkAction(() -> write(record, said, gathered));
    } catch (Cancelled closed) {
      said.close();
      log.debug("build {} ended after the history was closed", record.ref(), closed);
      return;
    }
    try {
      writing.result();
    } catch (Cancelled goesOnAlone) {
      log.debug("the record of build {} is written in the background", record.ref(), goesOnAlone);
    }
  }

  private void write(BuildRecord record, ProgressReader said, BuildRecording.Gathered gathered) {
    try (said) {
      RecordWriter.Written written = writer.write(record, said, gathered);
      synchronized (this) {
        table.put(written.record());
        Optional.ofNullable(holds.put(record.ref(), written.hold()))
            .ifPresent(KeptBlobs.Hold::close);
        doomed.remove(record.ref());
        running.remove(record.ref());
        tell(new Completed(written.record()));
      }
    } catch (BuildFailure failed) {
      if (Thread.currentThread().isInterrupted()) {
        log.debug("the history is closed before the record of {} is written", record.ref(), failed);
      } else {
        log.error("the record of build {} cannot be written: {}", record.ref(), failed.text());
      }
      synchronized (this) {
        running.remove(record.ref());
        tell(new Deleted(record.ref()));
      }
    }
  }

  /// Listens. What is there comes first: builds that run, then records of those that ended. Caller
  /// closes.
  ///
  /// @throws NotFound the one record asked for is about to be deleted
  public HistoryListener listen(HistoryQuery query) {
    List<RecordFilter> filters =
        query.filters().stream().map(text -> RecordFilter.parse(text, clock.now())).toList();
    synchronized (this) {
      query
          .ref()
          .filter(doomed::contains)
          .ifPresent(
              ref -> {
                throw new NotFound("ref " + ref + " is deleted");
              });
      List<HistoryEvent> there = new ArrayList<>();
      running.values().stream()
          .filter(record -> query.means(record.ref()) && !doomed.contains(record.ref()))
          .forEach(record -> there.add(new Started(record)));
      if (!query.runningOnly()) {
        ended(query, filters).forEach(record -> there.add(new Completed(record)));
      }
      Listening listening = new Listening(query);
      listening.listener.start(there);
      listeners.add(listening.listener);
      query.ref().ifPresent(ref -> awaited.merge(ref, 1, Integer::sum));
      return listening.listener;
    }
  }

  private List<BuildRecord> ended(HistoryQuery query, List<RecordFilter> filters) {
    List<BuildRecord> all =
        query.ref().map(ref -> table.find(ref).stream().toList()).orElseGet(table::all).stream()
            .filter(record -> !doomed.contains(record.ref()))
            .filter(record -> filters.isEmpty() || filters.stream().anyMatch(f -> f.test(record)))
            .toList();
    return query.limit() == 0
        ? all
        : all.stream()
            .sorted(Comparator.comparing(BuildRecord::createdAt).reversed())
            .limit(query.limit())
            .toList();
  }

  /// A listener with what is to be done when it leaves, once.
  private final class Listening {
    private final HistoryListener listener;
    private boolean left;

    private Listening(HistoryQuery query) {
      this.listener = new HistoryListener(query, this::leave);
    }

    private void leave() {
      synchronized (BuildHistory.this) {
        if (left) {
          return;
        }
        left = true;
        listeners.remove(listener);
        listener.query().ref().ifPresent(BuildHistory.this::noLongerAwaited);
      }
    }
  }

  private void noLongerAwaited(String ref) {
    if (awaited.merge(ref, -1, Integer::sum) == 0) {
      awaited.remove(ref);
      if (doomed.contains(ref)) {
        delete(ref);
      }
    }
  }

  /// What a build that ended said, from the start. Caller closes.
  public Optional<StatusLog> log(String ref) {
    Optional<BuildRecord> record;
    synchronized (this) {
      record = doomed.contains(ref) ? Optional.empty() : table.find(ref);
    }
    return record
        .flatMap(BuildRecord::outcome)
        .map(ended -> new StatusLog(content.open(ended.log().digest())));
  }

  /// Keeps a record whatever its age, or no longer.
  ///
  /// @throws NotFound no build of that ref has ended
  public synchronized void pin(String ref, boolean pinned) {
    BuildRecord changed =
        table
            .find(ref)
            .orElseThrow(() -> new NotFound("failed to retrieve ref " + ref))
            .withPinned(pinned);
    table.put(changed);
    tell(new Completed(changed));
  }

  /// Deletes a record and what only it kept; absent is fine. A record that somebody listens to by
  /// name is hidden now and deleted when they leave.
  public synchronized void delete(String ref) {
    if (awaited.containsKey(ref)) {
      doomed.add(ref);
      return;
    }
    doomed.remove(ref);
    table.delete(ref);
    Optional.ofNullable(holds.remove(ref)).ifPresent(KeptBlobs.Hold::close);
    tell(new Deleted(ref));
  }

  private void tell(HistoryEvent event) {
    listeners.forEach(listener -> listener.tell(event));
  }

  private void retainAgainAndAgain() {
    while (true) {
      try {
        retain();
      } catch (Cancelled stopped) {
        throw stopped;
      } catch (BuildFailure failed) {
        // What is cut short by the end is no trouble.
        Interruption.check();
        log.warn("old build records could not be removed: {}", failed.text());
      }
      clock.sleep(PAUSE);
    }
  }

  /// Removes records that are both too old and too many.
  void retain() {
    Instant oldest = clock.now().minus(retention.maxAge());
    Predicate<BuildRecord> tooOld =
        record -> record.outcome().filter(end -> end.completedAt().isBefore(oldest)).isPresent();
    table.all().stream()
        .filter(record -> !record.pinned())
        .sorted(Comparator.comparing(BuildHistory::completedAt).reversed())
        .skip(retention.maxEntries())
        .filter(tooOld)
        .forEach(record -> delete(record.ref()));
  }

  private static Instant completedAt(BuildRecord record) {
    return record.outcome().map(BuildRecord.Outcome::completedAt).orElse(Instant.MAX);
  }

  /// Ends all listening. A record that is being written is lost unless it is waited for before.
  @Override
  public void close() {
    synchronized (this) {
      listeners.forEach(HistoryListener::end);
    }
    background.close();
  }
}
