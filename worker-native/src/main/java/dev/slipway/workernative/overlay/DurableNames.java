package dev.slipway.workernative.overlay;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.WrongState;
import dev.slipway.kernel.Kernel;
import dev.slipway.snapshot.SnapshotName;
import dev.slipway.task.TaskScope;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Which snapshots are known to be on the disk itself, so that after a power cut only those are
/// trusted.
///
/// Flushing each snapshot when it is committed would make every build step wait for the disk, and
/// so would the flush of the whole file system that unmounting an ordinary overlay brings (ours are
/// mounted `volatile`, without it). So a background task flushes the file system shortly after
/// commits, then notes the names. The file is tied to the kernel's boot: within one boot nothing is
/// lost and everything is trusted; after another boot only the noted names and nothing else.
///
/// Guarded by its own monitor.
final class DurableNames implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(DurableNames.class);

  /// Long enough for the kernel to have written most of it by itself, so that the flush is cheap.
  private static final Duration PAUSE = Duration.ofSeconds(30);

  private static final String FILE = "durable";
  private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

  private final Kernel kernel;
  private final Path root;
  private final Path file;
  private final String boot;
  private final boolean sameBoot;
  private final Set<String> names = new HashSet<>();
  private final Set<String> unflushed = new HashSet<>();
  private final TaskScope background = TaskScope.open("flush-snapshots");

  private DurableNames(Kernel kernel, Path root, String boot, String writtenIn) {
    this.kernel = kernel;
    this.root = root;
    this.file = root.resolve(FILE);
    this.boot = boot;
    this.sameBoot = writtenIn.isEmpty() || writtenIn.equals(boot);
  }

  static DurableNames open(Kernel kernel, Path root) throws IOException {
    Path file = root.resolve(FILE);
    String boot = Files.exists(BOOT_ID) ? Files.readString(BOOT_ID).strip() : "";
    String[] lines = Files.exists(file) ? Files.readString(file).split("\n") : new String[] {""};
    var durable = new DurableNames(kernel, root, boot, lines[0]);
    for (int i = 1; i < lines.length; i++) {
      durable.names.add(lines[i]);
    }
    return durable;
  }

  /// To be called once the survivors are known and the rest is gone: from now on they count as this
  /// boot's.
  void start() {
    write();
    background.forkAction(this::flushAfterChanges);
  }

  boolean owns(Path entry) {
    return entry.getFileName().toString().startsWith(FILE);
  }

  /// Whether what is on disk under that record can be trusted.
  boolean survived(SnapshotRecord record) {
    return sameBoot || names.contains(record.name().value());
  }

  synchronized void changed(SnapshotName committed) {
    unflushed.add(committed.value());
    notifyAll();
  }

  private void flushAfterChanges() throws InterruptedException {
    while (true) {
      Set<String> round;
      synchronized (this) {
        while (unflushed.isEmpty()) {
          wait();
        }
      }
      Thread.sleep(PAUSE); // gathers the commits of a busy build into one flush
      synchronized (this) {
        round = Set.copyOf(unflushed);
      }
      try {
        kernel.syncFileSystem(root);
        synchronized (this) {
          names.addAll(round);
          unflushed.removeAll(round);
        }
        write();
      } catch (BuildFailure failure) {
        log.warn(
            "cannot flush snapshots to disk; after a power cut the latest would be built again",
            failure);
      }
    }
  }

  /// Replaces the file, leaving out snapshots that are gone.
  private void write() {
    StringBuilder text = new StringBuilder(boot).append('\n');
    synchronized (this) {
      names.removeIf(name -> !Files.exists(file.resolveSibling(name)));
      names.forEach(name -> text.append(name).append('\n'));
    }
    Path written = file.resolveSibling(file.getFileName() + ".new");
    try {
      Files.write(written, text.toString().getBytes(StandardCharsets.UTF_8));
      kernel.sync(written);
      Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException failed) {
      throw new WrongState("cannot write " + file + ": " + failed.getMessage(), failed);
    }
  }

  @Override
  public void close() {
    background.close();
  }
}
