package dev.slipway.progress;

import dev.slipway.failure.CorruptData;
import dev.slipway.failure.Exhausted;
import dev.slipway.failure.NotFound;
import dev.slipway.failure.Unavailable;
import dev.slipway.oci.Digest;
import dev.slipway.progress.EventCodec.Decoded;
import dev.slipway.progress.ProgressEvent.Logged;
import dev.slipway.progress.ProgressEvent.VertexChanged;
import dev.slipway.task.Interruption;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Everything a job reports, kept in a file: nothing is clipped, and none of it has to fit in
/// memory.
///
/// Events are appended while the job runs. Any number of readers, opened at any time, each get all
/// of it from the start and then follow to the end, which [#finish()] marks. The file stays after
/// [#close()], and [#reopen(Path)] reads it again. Should the disk be full, output is dropped (and
/// counted in the daemon's log) rather than the work that reports it; all else is kept in memory.
///
/// A file is a series of records, each with its length in four bytes in front. Thread-safe: guarded
/// by its monitor.
public final class JobLog implements RememberingSink, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(JobLog.class);
  private static final int LENGTH_BYTES = Integer.BYTES;

  /// Nobody sees changes that follow each other faster, but each batch costs those who watch a
  /// message.
  private static final Duration PACE = Duration.ofMillis(30);

  private final Spool spool;
  private final Duration pace;
  private final Map<Digest, Integer> numbers = new HashMap<>();
  private final List<Digest> digests = new ArrayList<>();
  private final Map<Digest, Places> places = new HashMap<>();
  private final CountDownLatch end = new CountDownLatch(1);
  private boolean isFinished;
  private boolean isClosed;
  private int readers;
  private long dropped;

  private JobLog(Spool spool, Duration pace) {
    this.spool = spool;
    this.pace = pace;
  }

  /// Starts a log in a new file. Caller closes.
  public static JobLog create(Path file) {
    return create(file, PACE);
  }

  /// @param pace of readers: how far apart batches of a few events are
  static JobLog create(Path file, Duration pace) {
    try {
      return new JobLog(Spool.create(file), pace);
    } catch (IOException failure) {
      throw new Unavailable("cannot create the progress log " + file, failure);
    }
  }

  /// Opens a log that was finished and closed. Caller closes.
  ///
  /// @throws NotFound when there is no such file
  public static JobLog reopen(Path file) {
    try {
      JobLog log = new JobLog(Spool.open(file), PACE);
      log.finish();
      return log;
    } catch (FileNotFoundException missing) {
      throw new NotFound("no progress log " + file, missing);
    } catch (IOException failure) {
      throw new Unavailable("cannot open the progress log " + file, failure);
    }
  }

  @Override
  public synchronized void emit(ProgressEvent event) {
    if (isFinished) {
      return;
    }
    number(event.vertex());
    if (event instanceof VertexChanged change) {
      change.inputs().forEach(this::number);
    }
    byte[] record =
        EventCodec.encode(event, digest -> Optional.ofNullable(numbers.get(digest)).orElseThrow());
    long start = spool.length();
    if (append(record, event instanceof Logged) && !(event instanceof VertexChanged)) {
      places.computeIfAbsent(event.vertex(), _ -> new Places()).add(start, spool.length());
    }
    notifyAll();
  }

  /// There will be no more events: readers end when they have read all. Idempotent.
  public synchronized void finish() {
    if (!isFinished) {
      isFinished = true;
      end.countDown();
      if (dropped > 0) {
        log.atError()
            .addKeyValue("events", dropped)
            .log("output was dropped because the disk is full");
      }
      notifyAll();
    }
  }

  /// Finishes, and keeps the file. Readers that are open go on to the end.
  @Override
  public synchronized void close() {
    finish();
    if (!isClosed) {
      isClosed = true;
      closeWhenUnused();
    }
  }

  /// How many bytes the log takes.
  public long bytes() {
    return spool.length();
  }

  /// Reads from the start. Caller closes.
  public synchronized Reader open() {
    if (isClosed) {
      throw new NotFound("the progress log is closed");
    }
    readers++;
    return new Reader();
  }

  @Override
  public void replay(Digest vertex, Consumer<ProgressEvent> to) {
    List<long[]> ranges;
    synchronized (this) {
      ranges = Optional.ofNullable(places.get(vertex)).map(Places::ranges).orElse(List.of());
    }
    for (long[] range : ranges) {
      Records records = new Records(range[0]);
      while (records.position < range[1]) {
        byte[] record =
            records.next().orElseThrow(() -> new CorruptData("a progress log ends too early"));
        if (EventCodec.decode(record, this::digest) instanceof Decoded.Event(ProgressEvent event)) {
          to.accept(event);
        }
      }
    }
  }

  private synchronized Digest digest(int number) {
    return digests.get(number);
  }

  private void number(Digest digest) {
    if (!numbers.containsKey(digest)) {
      numbers.put(digest, digests.size());
      digests.add(digest);
      append(EventCodec.encode(digest), false);
    }
  }

  private boolean append(byte[] record, boolean mayBeDropped) {
    byte[] framed =
        ByteBuffer.allocate(LENGTH_BYTES + record.length).putInt(record.length).put(record).array();
    try {
      spool.append(framed);
      return true;
    } catch (Exhausted full) {
      if (mayBeDropped) {
        dropped++;
        return false;
      }
      spool.appendInMemory(framed);
      return true;
    }
  }

  private synchronized void await(long position) {
    try {
      while (spool.length() <= position && !isFinished) {
        wait();
      }
    } catch (InterruptedException interrupted) {
      throw Interruption.cancelled(interrupted);
    }
  }

  /// Waits that long, or until the log is finished.
  private void awaitEnd(long nanos) {
    try {
      boolean _ = end.await(nanos, TimeUnit.NANOSECONDS);
    } catch (InterruptedException interrupted) {
      throw Interruption.cancelled(interrupted);
    }
  }

  private synchronized void released() {
    readers--;
    closeWhenUnused();
  }

  private void closeWhenUnused() {
    if (isClosed && readers == 0) {
      try {
        spool.flush();
        spool.close();
      } catch (IOException | Exhausted failure) {
        log.atWarn().setCause(failure).log("a progress log could not be closed");
      }
    }
  }

  /// Reads one log from start to end. Not thread-safe.
  public final class Reader implements ProgressReader {
    private static final int BATCH_BYTES = 512 * 1024;

    private final Records records = new Records(0);
    private final List<Digest> known = new ArrayList<>();
    private boolean hasRead;
    private long readAt;
    private boolean isReaderClosed;

    private Reader() {}

    /// Waits for events, and gives those that are there: of the states of one item only the latest,
    /// and all in the order of time. A batch holds about half a megabyte at most, or a single
    /// event. Batches come some time apart unless they are large, or the log has ended.
    ///
    /// @return empty at the end of the log
    /// @throws dev.slipway.failure.Cancelled when interrupted
    public Optional<List<ProgressEvent>> next() {
      EventBatch batch = new EventBatch();
      while (batch.isEmpty()) {
        await(records.position);
        linger();
        long limit = records.position + BATCH_BYTES;
        Optional<byte[]> record = records.next();
        if (record.isEmpty()) {
          return Optional.empty();
        }
        while (record.isPresent()) {
          take(record.get(), batch);
          record = records.position < limit ? records.next() : Optional.empty();
        }
      }
      hasRead = true;
      readAt = System.nanoTime();
      return Optional.of(batch.events());
    }

    private void linger() {
      boolean isFew = spool.length() - records.position < BATCH_BYTES;
      long early = pace.toNanos() - (System.nanoTime() - readAt);
      if (hasRead && isFew && early > 0) {
        awaitEnd(early);
      }
    }

    @Override
    public void close() {
      if (!isReaderClosed) {
        isReaderClosed = true;
        released();
      }
    }

    private void take(byte[] record, EventBatch batch) {
      switch (EventCodec.decode(record, known::get)) {
        case Decoded.Named(Digest digest) -> known.add(digest);
        case Decoded.Event(ProgressEvent event) -> batch.add(event);
      }
    }
  }

  /// Steps through records.
  private final class Records {
    private static final int CHUNK_BYTES = 64 * 1024;

    private long position;
    private byte[] chunk = new byte[0];
    private int offset;

    Records(long position) {
      this.position = position;
    }

    /// The next record that is there whole.
    Optional<byte[]> next() {
      if (!has(LENGTH_BYTES)) {
        return Optional.empty();
      }
      int length = ByteBuffer.wrap(chunk, offset, LENGTH_BYTES).getInt();
      if (length < 1) {
        throw new CorruptData(
            "a progress log holds a record of " + length + " bytes at " + position);
      }
      if (position + LENGTH_BYTES + length > spool.length()) {
        return Optional.empty(); // written by a daemon that was killed meanwhile
      }
      if (!has(LENGTH_BYTES + length)) {
        throw new CorruptData("a progress log ends within a record at " + position);
      }
      byte[] record =
          Arrays.copyOfRange(chunk, offset + LENGTH_BYTES, offset + LENGTH_BYTES + length);
      offset += LENGTH_BYTES + length;
      position += LENGTH_BYTES + length;
      return Optional.of(record);
    }

    private boolean has(int bytes) {
      if (chunk.length - offset < bytes) {
        try {
          chunk = spool.read(position, Math.max(bytes, CHUNK_BYTES));
          offset = 0;
        } catch (IOException failure) {
          throw new Unavailable("cannot read a progress log", failure);
        }
      }
      return chunk.length - offset >= bytes;
    }
  }

  /// Where a vertex's records are: ranges, because a step that reports alone reports in long rows.
  private static final class Places {
    private final List<long[]> ranges = new ArrayList<>();

    void add(long start, long end) {
      if (!ranges.isEmpty() && ranges.getLast()[1] == start) {
        ranges.getLast()[1] = end;
      } else {
        ranges.add(new long[] {start, end});
      }
    }

    List<long[]> ranges() {
      return ranges.stream().map(long[]::clone).toList();
    }
  }
}
