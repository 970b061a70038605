package dev.slipway.source.local;

import com.google.protobuf.ByteString;
import dev.slipway.fsutil.ReceiveTarget.Content;
import dev.slipway.oci.Digest;
import dev.slipway.task.Interruption;
import dev.slipway.task.TaskScope;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes files in parallel: each file is one writer's, so its bytes stay in order. What is received and not yet written is bounded in
/// bytes; the receiver waits when the disk is slower than the client.
///
/// Driven by one thread (the receiver's). Closing stops the writers where they are.
final class FileWriters implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FileWriters.class);
  private static final int WRITERS = 4;
  private static final int MAX_BYTES_AHEAD = 16 * 1024 * 1024;
  private static final int FLUSH_BYTES = 256 * 1024;
  private static final Set<StandardOpenOption> CREATE = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);

  private final EntryAttributes attributes;
  private final TaskScope scope = TaskScope.open("file-writers");
  private final List<BlockingQueue<Job>> queues = new ArrayList<>();
  private final Set<OpenFile> unfinished = ConcurrentHashMap.newKeySet();
  private int next;
  private final Semaphore ahead = new Semaphore(MAX_BYTES_AHEAD);

  private FileWriters(EntryAttributes attributes) {
    this.attributes = attributes;
  }

  private sealed interface Job {
    record Write(OpenFile file, List<ByteBuffer> bytes, int count, boolean last) implements Job {}

    record Stop() implements Job {}
  }

  /// Starts the writers. Caller closes.
  static FileWriters start(EntryAttributes attributes) {
    FileWriters writers = new FileWriters(attributes);
    for (int i = 0; i < WRITERS; i++) {
      BlockingQueue<Job> queue = new LinkedBlockingQueue<>();
      writers.queues.add(queue);
      writers.scope.forkAction(() -> writers.work(queue));
    }
    return writers;
  }

  /// Takes up a file that does not exist yet.
  ///
  /// @param hash that has taken in the file's header already
  OpenFile create(Path path, SyncedTree.Entry entry, MessageDigest hash) {
    next = (next + 1) % WRITERS;
    return new OpenFile(queues.get(next), path, entry, hash);
  }

  /// Waits until everything is written.
  void finish() {
    queues.forEach(queue -> queue.add(new Job.Stop()));
    scope.join();
  }

  @Override
  public void close() {
    scope.close();
    unfinished.forEach(OpenFile::abandon);
  }

  private void work(BlockingQueue<Job> queue) throws InterruptedException {
    for (Job job = queue.take(); job instanceof Job.Write write; job = queue.take()) {
      write.file().perform(write);
      ahead.release(write.count());
    }
  }

  private void await(int bytes) {
    try {
      while (!ahead.tryAcquire(bytes, 100, TimeUnit.MILLISECONDS)) {
        if (scope.failure().isPresent()) {
          scope.join();
        }
      }
    } catch (InterruptedException interrupted) {
      throw Interruption.cancelled(interrupted);
    }
  }

  /// One file. Appended to by the receiver; written by its writer.
  final class OpenFile implements Content {
    private final BlockingQueue<Job> queue;
    private final Path path;
    private final SyncedTree.Entry entry;
    private final MessageDigest hash;
    private List<ByteBuffer> gathered = new ArrayList<>();
    private int gatheredBytes;
    private Optional<FileChannel> channel = Optional.empty();

    private OpenFile(BlockingQueue<Job> queue, Path path, SyncedTree.Entry entry, MessageDigest hash) {
      this.queue = queue;
      this.path = path;
      this.entry = entry;
      this.hash = hash;
    }

    @Override
    public void write(ByteString data) {
      gathered.add(data.asReadOnlyByteBuffer());
      gatheredBytes += data.size();
      if (gatheredBytes >= FLUSH_BYTES) {
        submit(false);
      }
    }

    @Override
    public void finish() {
      submit(true);
    }

    /// Without [#finish] the writers are stopped as well, and the file stays with the time of the attempt, so that it is not taken for the
    /// client's.
    @Override
    public void close() {
      gathered = new ArrayList<>();
      gatheredBytes = 0;
    }

    private void submit(boolean last) {
      int permits = Math.min(gatheredBytes, MAX_BYTES_AHEAD);
      await(permits);
      queue.add(new Job.Write(this, gathered, permits, last));
      gathered = new ArrayList<>();
      gatheredBytes = 0;
    }

    private void perform(Job.Write job) {
      try {
        FileChannel target = target();
        for (ByteBuffer bytes : job.bytes()) {
          hash.update(bytes.duplicate());
          while (bytes.hasRemaining()) {
            target.write(bytes);
          }
        }
        if (job.last()) {
          target.close();
          unfinished.remove(this);
          attributes.complete(path, entry.stat());
          attributes.kernel().setModifiedTime(path, entry.stat().modifiedNanos());
          entry.hashed(Digest.ofSha256(hash));
        }
      } catch (IOException failed) {
        throw WriteFailures.of(failed, path);
      }
    }

    private FileChannel target() throws IOException {
      if (channel.isEmpty()) {
        channel = Optional.of(FileChannel.open(path, CREATE, attributes.creation(entry.stat())));
        unfinished.add(this);
      }
      return channel.get();
    }

    private void abandon() {
      try {
        if (channel.isPresent()) {
          channel.get().close();
        }
      } catch (IOException failed) {
        LOG.warn("could not close {}", path, failed);
      }
    }
  }
}
