package dev.slipway.content.testing;

import dev.slipway.content.BlobInfo;
import dev.slipway.content.ContentStore;
import dev.slipway.content.Ingest;
import dev.slipway.content.IngestReader;
import dev.slipway.content.IngestState;
import dev.slipway.failure.Conflict;
import dev.slipway.failure.CorruptData;
import dev.slipway.failure.NotFound;
import dev.slipway.failure.WrongState;
import dev.slipway.oci.Digest;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SeekableByteChannel;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// A content store that lives as long as the object. Thread-safe: guarded by its monitor.
public final class InMemoryContentStore implements ContentStore {
  private final Map<Digest, Stored> blobs = new TreeMap<>();
  private final Map<String, ByteArrayOutputStream> attempts = new HashMap<>();
  private final Set<String> openKeys = new HashSet<>();

  /// Puts a blob in, for tests that need one.
  public Digest put(byte[] bytes) {
    try (Ingest ingest = ingest(Digest.ofBytes(bytes).toString())) {
      ingest.write(ByteBuffer.wrap(bytes));
      return ingest.commit(Optional.empty(), OptionalLong.empty(), Map.of()).digest();
    }
  }

  @Override
  public synchronized Optional<BlobInfo> find(Digest digest) {
    return Optional.ofNullable(blobs.get(digest)).map(Stored::info);
  }

  @Override
  public synchronized SeekableByteChannel open(Digest digest) {
    Stored stored = blobs.get(digest);
    if (stored == null) {
      throw new NotFound("blob " + digest + " is not in the content store");
    }
    return new BytesChannel(stored::bytes);
  }

  @Override
  public synchronized Ingest ingest(String key) {
    if (!openKeys.add(key)) {
      throw new Conflict("blob \"" + key + "\" is being written already");
    }
    return new MemoryIngest(key, attempts.computeIfAbsent(key, _ -> new ByteArrayOutputStream()));
  }

  @Override
  public void walk(Consumer<BlobInfo> visitor) {
    List<BlobInfo> all;
    synchronized (this) {
      all = blobs.values().stream().map(Stored::info).toList();
    }
    all.forEach(visitor);
  }

  @Override
  public synchronized void delete(Digest digest) {
    blobs.remove(digest);
  }

  @Override
  public synchronized void label(Digest digest, Map<String, String> labels) {
    Stored stored = blobs.get(digest);
    if (stored == null) {
      throw new NotFound("blob " + digest + " is not in the content store");
    }
    blobs.put(digest, stored.labelled(labels));
  }

  @Override
  public synchronized long unfinishedBytes() {
    return attempts.values().stream().mapToLong(ByteArrayOutputStream::size).sum();
  }

  @Override
  public synchronized void sweepIngests() {
    attempts.keySet().removeIf(key -> !openKeys.contains(key) && !Digest.isDigest(key));
  }

  @Override
  public void close() {}

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Stored(BlobInfo info, byte[] bytes) {
    Stored labelled(Map<String, String> labels) {
      Map<String, String> merged = new TreeMap<>(info.labels());
      merged.putAll(labels);
      merged.values().removeIf(String::isEmpty);
      return new Stored(
          new BlobInfo(info.digest(), info.bytes(), info.committedAt(), merged), bytes);
    }
  }

  private final class MemoryIngest implements Ingest {
    private final String key;
    private final ByteArrayOutputStream written;
    private IngestState state = new IngestState();
    private boolean closed;

    private MemoryIngest(String key, ByteArrayOutputStream written) {
      this.key = key;
      this.written = written;
    }

    @Override
    public long offset() {
      return written.size();
    }

    @Override
    public void write(ByteBuffer bytes) {
      requireOpen();
      byte[] copied = new byte[bytes.remaining()];
      bytes.get(copied);
      written.writeBytes(copied);
      state.reached(written.size());
    }

    @Override
    public void truncate() {
      requireOpen();
      state.drop();
      state = new IngestState();
      written.reset();
    }

    @Override
    public IngestReader follow() {
      requireOpen();
      state.reached(written.size());
      return new IngestReader(state, new BytesChannel(written::toByteArray));
    }

    @Override
    public BlobInfo commit(
        Optional<Digest> expected, OptionalLong bytes, Map<String, String> labels) {
      requireOpen();
      synchronized (InMemoryContentStore.this) {
        try {
          BlobInfo blob = keep(written.toByteArray(), expected, bytes, labels);
          state.commit(blob);
          return blob;
        } finally {
          attempts.remove(key);
          close();
        }
      }
    }

    private BlobInfo keep(
        byte[] whole, Optional<Digest> expected, OptionalLong bytes, Map<String, String> labels) {
      if (bytes.isPresent() && bytes.getAsLong() != whole.length) {
        throw new CorruptData(
            "blob \"" + key + "\" has " + whole.length + " bytes, want " + bytes.getAsLong());
      }
      Digest digest = Digest.ofBytes(whole);
      if (expected.isPresent()) {
        var verifier = expected.get().newVerifier();
        verifier.update(whole);
        if (!expected.get().matches(verifier)) {
          throw new CorruptData(
              "blob \"" + key + "\" hashes to " + digest + ", want " + expected.get());
        }
        digest = expected.get();
      }
      Stored existing = blobs.get(digest);
      Stored stored =
          existing == null
              ? new Stored(new BlobInfo(digest, whole.length, Instant.EPOCH, Map.of()), whole)
              : existing;
      blobs.put(digest, stored.labelled(labels));
      return blobs.get(digest).info();
    }

    @Override
    public void close() {
      synchronized (InMemoryContentStore.this) {
        if (!closed) {
          closed = true;
          state.drop();
          openKeys.remove(key);
        }
      }
    }

    private void requireOpen() {
      if (closed) {
        throw new WrongState("the ingest of \"" + key + "\" is closed");
      }
    }
  }

  private static final class BytesChannel implements SeekableByteChannel {
    private final Supplier<byte[]> content;
    private long position;
    private boolean closed;

    private BytesChannel(Supplier<byte[]> content) {
      this.content = content;
    }

    @Override
    public int read(ByteBuffer target) throws ClosedChannelException {
      requireOpen();
      byte[] bytes = content.get();
      if (position >= bytes.length) {
        return -1;
      }
      int count = Math.min(target.remaining(), bytes.length - (int) position);
      target.put(bytes, (int) position, count);
      position += count;
      return count;
    }

    @Override
    public int write(ByteBuffer source) {
      throw new java.nio.channels.NonWritableChannelException();
    }

    @Override
    public long position() throws ClosedChannelException {
      requireOpen();
      return position;
    }

    @Override
    public SeekableByteChannel position(long to) throws ClosedChannelException {
      requireOpen();
      position = to;
      return this;
    }

    @Override
    public long size() throws ClosedChannelException {
      requireOpen();
      return content.get().length;
    }

    @Override
    public SeekableByteChannel truncate(long size) {
      throw new java.nio.channels.NonWritableChannelException();
    }

    @Override
    public boolean isOpen() {
      return !closed;
    }

    @Override
    public void close() {
      closed = true;
    }

    private void requireOpen() throws ClosedChannelException {
      if (closed) {
        throw new ClosedChannelException();
      }
    }
  }
}
