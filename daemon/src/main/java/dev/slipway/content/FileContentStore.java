package dev.slipway.content;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Conflict;
import dev.slipway.failure.NotFound;
import dev.slipway.metadata.MetadataDatabase;
import dev.slipway.metadata.Schema;
import dev.slipway.oci.Digest;
import dev.slipway.task.Clock;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One file a blob, `blobs/<algorithm>/<hex>`; attempts under `ingest/`.
///
/// A commit flushes the bytes, renames the file, then records it. So a record always has its whole
/// file behind it, and a file without record (a crash in between) is swept by [#open]. After a
/// power failure the newest records may be missing: their blobs are swept too and fetched again.
///
/// Thread-safe: the index is concurrent; commits and deletions of blobs exclude each other by the
/// lock `names`, since both touch a blob's file and its record.
public final class FileContentStore implements ContentStore {
  /// Starts the file name of attempts at a blob whose digest was not known.
  private static final String UNNAMED = "new-";

  private static final Duration RESUMED_WITHIN = Duration.ofDays(1);

  private static final Logger log = LoggerFactory.getLogger(FileContentStore.class);

  private final Path blobs;
  private final Path attempts;
  private final BlobTable table;
  private final Clock clock;
  private final Writeback writeback;
  private final Map<Digest, BlobInfo> index = new ConcurrentHashMap<>();
  private final Set<String> openKeys = new HashSet<>();
  private final Object names = new Object();

  private FileContentStore(Path root, MetadataDatabase database, Clock clock, Writeback writeback) {
    this.blobs = root.resolve("blobs");
    this.attempts = root.resolve("ingest");
    this.table = new BlobTable(database);
    this.clock = clock;
    this.writeback = writeback;
  }

  /// Has the disk begin with part of a file that grows. Promises nothing: a commit flushes, so what
  /// goes wrong here costs time only.
  @FunctionalInterface
  public interface Writeback {
    /// For where nobody waits for the disk.
    Writeback NONE = (file, offset, bytes) -> {};

    void start(Path file, long offset, long bytes);
  }

  void startWriteback(Path file, long offset, long bytes) {
    try {
      writeback.start(file, offset, bytes);
    } catch (BuildFailure failure) {
      log.debug("no early write-back", failure);
    }
  }

  /// The tables this store needs in its database.
  public static Schema schema() {
    return BlobTable.SCHEMA;
  }

  /// Opens the store: forgets records without their file, sweeps files without a record. Unfinished
  /// attempts at blobs of known digest stay for resumption for a day, all others are swept. Caller
  /// closes the store, then the database.
  public static FileContentStore open(
      Path root, MetadataDatabase database, Clock clock, Writeback writeback) {
    FileContentStore store = new FileContentStore(root, database, clock, writeback);
    try {
      Files.createDirectories(store.blobs.resolve("sha256"));
      Files.createDirectories(store.attempts);
      store.sweepAttempts(Set.of());
      store.reconcile();
    } catch (IOException failed) {
      throw DiskFailure.of("opening the content store " + root, failed);
    }
    return store;
  }

  private void sweepAttempts(Set<String> held) throws IOException {
    Instant oldest = clock.now().minus(RESUMED_WITHIN);
    try (var files = Files.newDirectoryStream(attempts)) {
      for (Path file : files) {
        String name = file.getFileName().toString();
        boolean unnamed = name.startsWith(UNNAMED);
        if (!held.contains(name)
            && (unnamed || Files.getLastModifiedTime(file).toInstant().isBefore(oldest))) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  private void reconcile() throws IOException {
    Map<Digest, BlobInfo> recorded = new TreeMap<>();
    for (BlobInfo info : table.all()) {
      recorded.put(info.digest(), info);
    }
    int swept = 0;
    try (var algorithms = Files.newDirectoryStream(blobs)) {
      for (Path algorithm : algorithms) {
        try (var files = Files.newDirectoryStream(algorithm)) {
          for (Path file : files) {
            String name = algorithm.getFileName() + ":" + file.getFileName();
            Optional<BlobInfo> info =
                Digest.isDigest(name)
                    ? Optional.ofNullable(recorded.remove(Digest.parse(name)))
                    : Optional.empty();
            if (info.isPresent() && Files.size(file) == info.get().bytes()) {
              index.put(info.get().digest(), info.get());
            } else {
              Files.delete(file);
              info.ifPresent(torn -> recorded.put(torn.digest(), torn));
              swept++;
            }
          }
        }
      }
    }
    table.deleteAll(recorded.keySet());
    if (swept > 0 || !recorded.isEmpty()) {
      log.info(
          "content store: swept {} unrecorded files, forgot {} records without file",
          swept,
          recorded.size());
    }
  }

  @Override
  public Optional<BlobInfo> find(Digest digest) {
    return Optional.ofNullable(index.get(digest));
  }

  @Override
  public SeekableByteChannel open(Digest digest) {
    if (!index.containsKey(digest)) {
      throw notFound(digest);
    }
    try {
      return FileChannel.open(file(digest), StandardOpenOption.READ);
    } catch (NoSuchFileException deletedMeanwhile) {
      throw notFound(digest);
    } catch (IOException failed) {
      throw DiskFailure.of("opening blob " + digest, failed);
    }
  }

  /// Host path of a blob's file, for readers that need one (zero-copy uploads). Never to be
  /// written.
  public Path file(Digest digest) {
    return blobs.resolve(digest.algorithm()).resolve(digest.hex());
  }

  @Override
  public Ingest ingest(String key) {
    synchronized (openKeys) {
      if (!openKeys.add(key)) {
        throw new Conflict("blob \"" + key + "\" is being written already");
      }
    }
    try {
      return FileIngest.open(this, key, attemptFile(key));
    } catch (RuntimeException failed) {
      released(key);
      throw failed;
    }
  }

  void released(String key) {
    synchronized (openKeys) {
      openKeys.remove(key);
    }
  }

  private Path attemptFile(String key) {
    return attempts.resolve(
        Digest.isDigest(key) ? key.replace(':', '-') : UNNAMED + Digest.ofText(key).hex());
  }

  /// Takes a whole, flushed attempt over as the blob.
  BlobInfo adopt(Path attempt, Digest digest, long bytes, Map<String, String> labels)
      throws IOException {
    synchronized (names) {
      BlobInfo existing = index.get(digest);
      if (existing != null) {
        Files.delete(attempt);
        return committedAgain(existing, labels);
      }
      Path target = file(digest);
      Files.createDirectories(target.getParent());
      Files.move(attempt, target, StandardCopyOption.ATOMIC_MOVE);
      BlobInfo info = new BlobInfo(digest, bytes, clock.now(), withoutEmpty(labels));
      table.insert(info);
      index.put(digest, info);
      return info;
    }
  }

  /// A blob that is written again is as fresh as a new one.
  private BlobInfo committedAgain(BlobInfo existing, Map<String, String> labels) {
    Map<String, String> merged = new TreeMap<>(existing.labels());
    merged.putAll(labels);
    BlobInfo info =
        new BlobInfo(existing.digest(), existing.bytes(), clock.now(), withoutEmpty(merged));
    table.insert(info);
    index.put(info.digest(), info);
    return info;
  }

  @Override
  public void walk(Consumer<BlobInfo> visitor) {
    index.values().forEach(visitor);
  }

  @Override
  public void delete(Digest digest) {
    synchronized (names) {
      if (index.remove(digest) == null) {
        return;
      }
      table.deleteAll(Set.of(digest));
      try {
        Files.deleteIfExists(file(digest));
      } catch (IOException failed) {
        throw DiskFailure.of("deleting blob " + digest, failed);
      }
    }
  }

  @Override
  public void label(Digest digest, Map<String, String> labels) {
    synchronized (names) {
      BlobInfo existing = index.get(digest);
      if (existing == null) {
        throw notFound(digest);
      }
      relabelled(existing, labels);
    }
  }

  private BlobInfo relabelled(BlobInfo existing, Map<String, String> labels) {
    Map<String, String> merged = new TreeMap<>(existing.labels());
    merged.putAll(labels);
    BlobInfo changed =
        new BlobInfo(
            existing.digest(), existing.bytes(), existing.committedAt(), withoutEmpty(merged));
    if (!changed.equals(existing)) {
      table.updateLabels(changed);
      index.put(changed.digest(), changed);
    }
    return changed;
  }

  static Map<String, String> withoutEmpty(Map<String, String> labels) {
    Map<String, String> kept = new TreeMap<>(labels);
    kept.values().removeIf(String::isEmpty);
    return kept;
  }

  @Override
  public void sweepIngests() {
    Set<String> held = new HashSet<>();
    synchronized (openKeys) {
      openKeys.forEach(key -> held.add(attemptFile(key).getFileName().toString()));
      try {
        sweepAttempts(held);
      } catch (IOException failed) {
        throw DiskFailure.of("sweeping unfinished blobs", failed);
      }
    }
  }

  @Override
  public long unfinishedBytes() {
    long bytes = 0;
    try (var files = Files.newDirectoryStream(attempts)) {
      for (Path file : files) {
        try {
          bytes += Files.size(file);
        } catch (NoSuchFileException endedMeanwhile) {
          // it is a blob now, or nothing
        }
      }
    } catch (IOException failed) {
      throw DiskFailure.of("counting unfinished blobs", failed);
    }
    return bytes;
  }

  /// Everything is on disk already; open readers and ingests stay usable.
  @Override
  public void close() {}

  private static NotFound notFound(Digest digest) {
    return new NotFound("blob " + digest + " is not in the content store");
  }
}
