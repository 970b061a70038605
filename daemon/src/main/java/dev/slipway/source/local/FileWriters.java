package dev.slipway.source.local;

import com.google.protobuf.ByteOutput;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.slipway.fsutil.ReceiveTarget.Content;
import dev.slipway.fsutil.Stat;
import dev.slipway.oci.Digest;
import dev.slipway.task.Interruption;
import dev.slipway.task.TaskScope;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
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

/// Writes files in parallel: each file is one writer's, so its bytes stay in order. What is
/// received and not yet written is bounded in bytes; the receiver waits when the disk is slower
/// than the client.
///
/// Driven by one thread (the receiver's). Closing stops the writers where they are.
final class FileWriters implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FileWriters.class);
  private static final int WRITERS = 4;
  private static final int MAX_BYTES_AHEAD = 16 * 1024 * 1024;
  private static final int FLUSH_BYTES = 256 * 1024;
  private static final Set<StandardOpenOption> CREATE =
      Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);

  private final EntryAttributes attributes;
  private final ReceivedDigests.Receiving digests;
  private final TaskScope scope = TaskScope.open("file-writers");
  private final List<BlockingQueue<Job>> queues = new ArrayList<>();
  private final Set<OpenFile> unfinished = ConcurrentHashMap.newKeySet();
  private int next;
  private final Semaphore ahead = new Semaphore(MAX_BYTES_AHEAD);

  private FileWriters(EntryAttributes attributes, ReceivedDigests.Receiving digests) {
    this.attributes = attributes;
    this.digests = digests;
  }

  private sealed interface Job {
    record Write(OpenFile file, List<ByteBuffer> bytes, int count, boolean last) implements Job {}

    /// Reads a file that is there already, since nobody knows its digest.
    record Rehash(Path path, Stat stat) implements Job {}

    record Stop() implements Job {}
  }

  /// Has written nothing yet. Caller closes.
  ///
  /// @param digests told of every file that is written
  static FileWriters open(EntryAttributes attributes, ReceivedDigests.Receiving digests) {
    return new FileWriters(attributes, digests);
  }

  /// Takes up a file that does not exist yet.
  OpenFile create(Path path, Stat stat) {
    return new OpenFile(nextQueue(), path, stat, digests.start(stat));
  }

  /// Has an unchanged file hashed.
  void rehash(Path path, Stat stat) {
    nextQueue().add(new Job.Rehash(path, stat));
  }

  /// Most transfers bring few files or none, so writers are started as files come.
  private BlockingQueue<Job> nextQueue() {
    if (queues.size() < WRITERS) {
      BlockingQueue<Job> queue = new LinkedBlockingQueue<>();
      queues.add(queue);
      scope.forkAction(() -> work(queue));
      return queue;
    }
    next = (next + 1) % WRITERS;
    return queues.get(next);
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
    while (true) {
      switch (queue.take()) {
        case Job.Write write -> {
          write.file().perform(write);
          ahead.release(write.count());
        }
        case Job.Rehash(Path path, Stat stat) -> digests.entry(stat, hash(path, stat));
        case Job.Stop() -> {
          return;
        }
      }
    }
  }

  private Digest hash(Path path, Stat stat) {
    MessageDigest hash = digests.start(stat);
    byte[] buffer = new byte[64 * 1024];
    try (InputStream file = Files.newInputStream(path, LinkOption.NOFOLLOW_LINKS)) {
      for (int count = file.read(buffer); count >= 0; count = file.read(buffer)) {
        hash.update(buffer, 0, count);
      }
      return Digest.ofSha256(hash);
    } catch (IOException failed) {
      throw WriteFailures.of(failed, path);
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
    private final Stat stat;
    private final MessageDigest hash;
    private List<ByteBuffer> gathered = new ArrayList<>();
    private int gatheredBytes;
    private Optional<FileChannel> channel = Optional.empty();

    private OpenFile(BlockingQueue<Job> queue, Path path, Stat stat, MessageDigest hash) {
      this.queue = queue;
      this.path = path;
      this.stat = stat;
      this.hash = hash;
    }

    @Override
    public void write(ByteString data) {
      gather(data);
      gatheredBytes += data.size();
      if (gatheredBytes >= FLUSH_BYTES) {
        submit(false);
      }
    }

    @Override
    public void finish() {
      submit(true);
    }

    /// Without [#finish] the writers are stopped as well, and the file stays with the time of the
    /// attempt, so that it is not taken for the client's.
    @Override
    public void close() {
      gathered = new ArrayList<>();
      gatheredBytes = 0;
    }

    /// Takes the arrays themselves, which nobody writes to: of a read-only buffer who hashes it
    /// would make a copy.
    private void gather(ByteString data) {
      try {
        UnsafeByteOperations.unsafeWriteTo(data, new Gathering(gathered));
      } catch (IOException failed) {
        throw WriteFailures.of(failed, path);
      }
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
          attributes.complete(path, stat);
          attributes.kernel().setModifiedTime(path, stat.modifiedNanos());
          digests.entry(stat, Digest.ofSha256(hash));
        }
      } catch (IOException failed) {
        throw WriteFailures.of(failed, path);
      }
    }

    private FileChannel target() throws IOException {
      if (channel.isEmpty()) {
        channel = Optional.of(FileChannel.open(path, CREATE, attributes.creation(stat)));
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

  /// Keeps what it is given, without copies.
  private static final class Gathering extends ByteOutput {
    private final List<ByteBuffer> pieces;

    private Gathering(List<ByteBuffer> pieces) {
      this.pieces = pieces;
    }

    @Override
    public void write(byte value) {
      pieces.add(ByteBuffer.wrap(new byte[] {value}));
    }

    @Override
    public void write(byte[] value, int offset, int length) {
      writeLazy(value.clone(), offset, length);
    }

    @Override
    public void writeLazy(byte[] value, int offset, int length) {
      pieces.add(ByteBuffer.wrap(value, offset, length));
    }

    @Override
    public void write(ByteBuffer value) {
      byte[] copy = new byte[value.remaining()];
      value.get(copy);
      writeLazy(copy, 0, copy.length);
    }

    @Override
    public void writeLazy(ByteBuffer value) {
      pieces.add(value.duplicate());
    }
  }
}
