package dev.slipway.content;

import dev.slipway.failure.CorruptData;
import dev.slipway.failure.WrongState;
import dev.slipway.oci.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// Appends to one attempt's file and hashes as it goes; a resumed attempt is read and hashed again
/// first. Confined to one thread at a time.
final class FileIngest implements Ingest {
  /// How many bytes the disk is given at a time, long before the commit waits for it.
  private static final long STRIDE = 8 << 20;

  private final FileContentStore store;
  private final String key;
  private final Path file;
  private final FileChannel channel;
  private IngestState state = new IngestState();
  private MessageDigest hash = Digest.newSha256();
  private long offset;
  private long givenToDisk;
  private boolean closed;

  private FileIngest(FileContentStore store, String key, Path file, FileChannel channel) {
    this.store = store;
    this.key = key;
    this.file = file;
    this.channel = channel;
  }

  static FileIngest open(FileContentStore store, String key, Path file) {
    try {
      FileChannel channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      FileIngest ingest = new FileIngest(store, key, file, channel);
      try {
        ingest.rehash();
        return ingest;
      } catch (IOException failed) {
        channel.close();
        throw failed;
      }
    } catch (IOException failed) {
      throw DiskFailure.of("opening an ingest of \"" + key + "\"", failed);
    }
  }

  private void rehash() throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
    channel.position(0);
    while (channel.read(buffer) >= 0) {
      hash.update(buffer.flip());
      buffer.clear();
    }
    offset = channel.position();
    givenToDisk = offset;
  }

  @Override
  public IngestReader follow() {
    requireOpen();
    state.reached(offset);
    try {
      return new IngestReader(state, FileChannel.open(file, StandardOpenOption.READ));
    } catch (IOException failed) {
      throw DiskFailure.of("following the ingest of \"" + key + "\"", failed);
    }
  }

  @Override
  public long offset() {
    return offset;
  }

  @Override
  public void write(ByteBuffer bytes) {
    requireOpen();
    hash.update(bytes.duplicate());
    offset += bytes.remaining();
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      state.reached(offset);
      if (offset - givenToDisk >= STRIDE) {
        store.startWriteback(file, givenToDisk, offset - givenToDisk);
        givenToDisk = offset;
      }
    } catch (IOException failed) {
      abandon();
      throw DiskFailure.of("writing blob \"" + key + "\"", failed);
    }
  }

  @Override
  public void truncate() {
    requireOpen();
    state.drop();
    state = new IngestState();
    try {
      channel.truncate(0);
      channel.position(0);
    } catch (IOException failed) {
      throw DiskFailure.of("starting blob \"" + key + "\" again", failed);
    }
    hash = Digest.newSha256();
    offset = 0;
    givenToDisk = 0;
  }

  @Override
  public BlobInfo commit(
      Optional<Digest> expected, OptionalLong bytes, Map<String, String> labels) {
    requireOpen();
    try {
      if (bytes.isPresent() && bytes.getAsLong() != offset) {
        throw mismatch("has " + offset + " bytes, want " + bytes.getAsLong());
      }
      Digest digest = digestAs(expected);
      if (expected.isPresent() && !expected.get().equals(digest)) {
        throw mismatch("hashes to " + digest + ", want " + expected.get());
      }
      channel.force(false);
      BlobInfo blob = store.adopt(file, digest, offset, labels);
      state.commit(blob);
      return blob;
    } catch (IOException failed) {
      throw DiskFailure.of("committing blob \"" + key + "\"", failed);
    } finally {
      close();
    }
  }

  /// Blobs are hashed with sha256 on the way; one named by another algorithm is read once more.
  private Digest digestAs(Optional<Digest> expected) throws IOException {
    if (expected.isEmpty() || expected.get().algorithm().equals("sha256")) {
      return Digest.ofSha256(hash);
    }
    hash = expected.get().newVerifier();
    rehash();
    if (expected.get().matches(hash)) {
      return expected.get();
    }
    hash = Digest.newSha256();
    rehash();
    return Digest.ofSha256(hash);
  }

  private CorruptData mismatch(String what) throws IOException {
    Files.deleteIfExists(file);
    return new CorruptData("blob \"" + key + "\" " + what);
  }

  private void abandon() {
    try {
      Files.deleteIfExists(file);
    } catch (IOException left) {
      // swept with the other attempts later
    }
    close();
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    state.drop();
    try {
      channel.close();
    } catch (IOException failed) {
      throw DiskFailure.of("closing the ingest of \"" + key + "\"", failed);
    } finally {
      store.released(key);
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new WrongState("the ingest of \"" + key + "\" is closed");
    }
  }
}
