package dev.slipway.layer;

import dev.slipway.content.BlobInfo;
import dev.slipway.content.Ingest;
import dev.slipway.content.Ingester;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Exhausted;
import dev.slipway.failure.WrongState;
import dev.slipway.layer.LayerWriter.WrittenLayer;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.DiffId;
import dev.slipway.oci.Digest;
import dev.slipway.task.TaskScope;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;

/// Takes a layer's uncompressed bytes and commits the blob, in one pass: hashed, compressed,
/// written. Thread-safe.
final class BlobSink {
  /// Annotation that marks a layer as estargz: digest of its table of contents.
  static final String ESTARGZ_TABLE = "containerd.io/snapshot/stargz/toc.digest";

  private static final int BUFFER = 256 * 1024;

  private final Ingester target;
  private final LayerCompressor compressor;

  BlobSink(Ingester target, LayerCompressor compressor) {
    this.target = target;
    this.compressor = compressor;
  }

  /// Writes the layer's bytes into the stream it is given.
  @FunctionalInterface
  interface Body {
    void writeTo(OutputStream out) throws IOException;
  }

  /// @param what names the work in failures
  WrittenLayer write(String what, LayerCompression compression, Body body) {
    MessageDigest hash = Digest.newSha256();
    try (Ingest ingest = target.ingest("layer-" + UUID.randomUUID());
        TaskScope scope = TaskScope.open("compress")) {
      OutputStream kept = intoIngest(ingest);
      OutputStream compressed = compressor.open(compression, kept, scope);
      try (compressed;
          OutputStream hashed = new BufferedOutputStream(new Hashing(hash, compressed), BUFFER)) {
        body.writeTo(hashed);
      }
      kept.flush();
      DiffId diffId = new DiffId(Digest.ofSha256(hash));
      Map<String, String> notes = notes(compressed, diffId);
      String uncompressed = notes.getOrDefault(Descriptor.UNCOMPRESSED, diffId.toString());
      BlobInfo blob =
          ingest.commit(
              Optional.empty(),
              OptionalLong.empty(),
              Map.of(Descriptor.UNCOMPRESSED, uncompressed));
      return new WrittenLayer(
          new Descriptor(
              compression.mediaType(), blob.digest(), blob.bytes(), notes, Optional.empty()),
          diffId);
    } catch (IOException failed) {
      throw translate(what, failed);
    }
  }

  /// An estargz layer's table of contents is part of what it unpacks to.
  private static Map<String, String> notes(OutputStream compressed, DiffId diffId) {
    if (!(compressed instanceof EstargzStream estargz)) {
      return Map.of(Descriptor.UNCOMPRESSED, diffId.toString());
    }
    EstargzWriter.Written written = estargz.written();
    return Map.of(
        Descriptor.UNCOMPRESSED,
        written.diffId().toString(),
        ESTARGZ_TABLE,
        written.table().toString(),
        "io.containers.estargz.uncompressed-size",
        Long.toString(written.uncompressedBytes()));
  }

  private static BuildFailure translate(String what, IOException failed) {
    String text = what + ": " + failed.getMessage();
    return String.valueOf(failed.getMessage()).contains("No space left")
        ? new Exhausted(text, failed)
        : new WrongState(text, failed);
  }

  private static OutputStream intoIngest(Ingest ingest) {
    return new BufferedOutputStream(
        new OutputStream() {
          @Override
          public void write(int b) {
            ingest.write(ByteBuffer.wrap(new byte[] {(byte) b}));
          }

          @Override
          public void write(byte[] buffer, int offset, int length) {
            ingest.write(ByteBuffer.wrap(buffer, offset, length));
          }
        },
        BUFFER);
  }

  /// Hashes what goes by.
  private static final class Hashing extends OutputStream {
    private final MessageDigest hash;
    private final OutputStream out;

    private Hashing(MessageDigest hash, OutputStream out) {
      this.hash = hash;
      this.out = out;
    }

    @Override
    public void write(int b) throws IOException {
      hash.update((byte) b);
      out.write(b);
    }

    @Override
    public void write(byte[] buffer, int offset, int length) throws IOException {
      hash.update(buffer, offset, length);
      out.write(buffer, offset, length);
    }
  }
}
