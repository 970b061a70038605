package dev.slipway.client.layout;

import dev.slipway.failure.CorruptData;
import dev.slipway.oci.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;

/// A blob on its way into a layout: invisible until committed, gone when closed without. Confined
/// to one thread; caller closes.
public final class BlobIngest implements AutoCloseable {
  private final Path blobs;
  private final Path file;
  private final FileChannel channel;
  private final MessageDigest hash;
  private long offset;

  private BlobIngest(Path blobs, Path file, FileChannel channel, MessageDigest hash) {
    this.blobs = blobs;
    this.file = file;
    this.channel = channel;
    this.hash = hash;
  }

  static BlobIngest open(Path blobs, Path ingests, Digest expected) throws IOException {
    Path file = Files.createTempFile(Files.createDirectories(ingests), "", "");
    FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
    return new BlobIngest(
        blobs.resolve(expected.algorithm()), file, channel, expected.newVerifier());
  }

  /// Bytes written so far.
  public long offset() {
    return offset;
  }

  public void write(ByteBuffer bytes) throws IOException {
    hash.update(bytes.duplicate());
    while (bytes.hasRemaining()) {
      offset += channel.write(bytes, offset);
    }
  }

  /// Begins anew.
  public void truncate() throws IOException {
    channel.truncate(0);
    hash.reset();
    offset = 0;
  }

  /// Makes the bytes the blob of this digest.
  ///
  /// @throws CorruptData they are not
  public void commit(Digest expected) throws IOException {
    if (!expected.matches(hash)) {
      throw new CorruptData("the bytes written are not those of " + expected);
    }
    channel.force(false);
    Files.createDirectories(blobs);
    Files.move(
        file,
        blobs.resolve(expected.hex()),
        StandardCopyOption.REPLACE_EXISTING,
        StandardCopyOption.ATOMIC_MOVE);
  }

  @Override
  public void close() throws IOException {
    channel.close();
    Files.deleteIfExists(file);
  }
}
