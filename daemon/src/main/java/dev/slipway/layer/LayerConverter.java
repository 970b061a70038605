package dev.slipway.layer;

import dev.slipway.content.ContentStore;
import dev.slipway.content.Ingester;
import dev.slipway.kernel.Kernel;
import dev.slipway.layer.LayerWriter.WrittenLayer;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.time.Instant;
import java.util.Optional;

/// Makes another blob of a layer that is a blob already: in another compression, or with the times
/// of its files clamped. Thread-safe.
public final class LayerConverter {
  private final ContentStore store;
  private final LayerCompressor compressor;

  public LayerConverter(ContentStore store, Kernel kernel) {
    this.store = store;
    this.compressor = new LayerCompressor(kernel);
  }

  /// The same layer, compressed otherwise.
  public WrittenLayer recompress(Descriptor blob, LayerCompression compression, Ingester into) {
    return convert(blob, compression, into, (in, out) -> in.transferTo(out));
  }

  /// The layer with no file time later than that, as BuildKit's `rewrite-timestamp` makes it
  /// (`util/converter`, v0.32.2).
  public WrittenLayer clampTimes(Descriptor blob, Instant latest, LayerCompression compression) {
    return convert(blob, compression, store, (in, out) -> clamp(in, out, latest));
  }

  private WrittenLayer convert(
      Descriptor blob, LayerCompression compression, Ingester into, Conversion conversion) {
    return new BlobSink(into, compressor)
        .write(
            "converting layer " + blob.digest(),
            compression,
            out -> {
              try (InputStream in =
                  Decompression.open(Channels.newInputStream(store.open(blob.digest())))) {
                conversion.run(in, out);
              }
            });
  }

  private static void clamp(InputStream in, OutputStream out, Instant latest) throws IOException {
    TarReader reader = new TarReader(in);
    byte[] buffer = new byte[ChunkPipe.CHUNK];
    try (TarWriter writer = new TarWriter(out)) {
      for (Optional<TarEntry> next = reader.next(); next.isPresent(); next = reader.next()) {
        TarEntry entry =
            next.get().modified().isAfter(latest) ? next.get().withModified(latest) : next.get();
        if (reader.isExtended()) {
          writer.startPax(entry);
        } else {
          writer.startPlain(entry);
        }
        copyContent(reader, writer, entry, buffer);
      }
    }
  }

  /// Content with its holes filled: a sparse file becomes a plain one.
  private static void copyContent(TarReader reader, TarWriter writer, TarEntry entry, byte[] buffer)
      throws IOException {
    long written = 0;
    for (TarEntry.Extent extent :
        entry.isSparse()
            ? entry.holes()
            : java.util.List.of(new TarEntry.Extent(0, entry.bytes()))) {
      written += writeZeros(writer, extent.offset() - written, buffer);
      for (long left = extent.length(); left > 0; ) {
        int count = reader.read(buffer, 0, (int) Math.min(buffer.length, left));
        if (count < 0) {
          throw new dev.slipway.failure.CorruptData("content is shorter than its header says");
        }
        writer.write(buffer, 0, count);
        left -= count;
        written += count;
      }
    }
    writeZeros(writer, entry.bytes() - written, buffer);
  }

  private static long writeZeros(TarWriter writer, long count, byte[] buffer) throws IOException {
    if (count == 0) {
      return 0;
    }
    java.util.Arrays.fill(buffer, (byte) 0);
    for (long left = count; left > 0; ) {
      int piece = (int) Math.min(buffer.length, left);
      writer.write(buffer, 0, piece);
      left -= piece;
    }
    return count;
  }

  /// Digest of the uncompressed bytes of a blob in the store.
  public dev.slipway.oci.DiffId diffId(Descriptor blob) {
    java.security.MessageDigest hash = Digest.newSha256();
    try (InputStream in = Decompression.open(Channels.newInputStream(store.open(blob.digest())))) {
      byte[] buffer = new byte[ChunkPipe.CHUNK];
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        hash.update(buffer, 0, count);
      }
    } catch (IOException failed) {
      throw new dev.slipway.failure.CorruptData(
          "reading layer " + blob.digest() + ": " + failed.getMessage(), failed);
    }
    return new dev.slipway.oci.DiffId(Digest.ofSha256(hash));
  }

  @FunctionalInterface
  private interface Conversion {
    void run(InputStream in, OutputStream out) throws IOException;
  }
}
