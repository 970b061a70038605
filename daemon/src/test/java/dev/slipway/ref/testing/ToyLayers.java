package dev.slipway.ref.testing;

import dev.slipway.content.ContentStore;
import dev.slipway.content.Ingest;
import dev.slipway.content.Ingester;
import dev.slipway.failure.CorruptData;
import dev.slipway.layer.Applier;
import dev.slipway.layer.LayerCompression;
import dev.slipway.layer.LayerWriter;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.DiffId;
import dev.slipway.oci.Digest;
import dev.slipway.oci.MediaType;
import dev.slipway.progress.VertexProgress;
import dev.slipway.ref.LayerTools.Recompressor;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/// Layers in a toy format: `path=content` lines, gzipped or plain. Counts what it does.
public final class ToyLayers implements Applier, LayerWriter, Recompressor {
  public final AtomicInteger applied = new AtomicInteger();
  public final AtomicInteger written = new AtomicInteger();

  private final ContentStore store;

  public ToyLayers(ContentStore store) {
    this.store = store;
  }

  public static byte[] gzip(String layer) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(layer.getBytes(StandardCharsets.UTF_8));
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return out.toByteArray();
  }

  @Override
  public Unpacked apply(InputStream blob, MediaType type, Path layerDirectory) {
    applied.incrementAndGet();
    try {
      byte[] bytes = blob.readAllBytes();
      String layer = new String(isGzip(bytes) ? gunzip(bytes) : bytes, StandardCharsets.UTF_8);
      for (String line : layer.lines().toList()) {
        int equals = line.indexOf('=');
        if (equals < 0) {
          throw new CorruptData("no toy layer: " + line);
        }
        Path file = layerDirectory.resolve(line.substring(0, equals));
        Files.createDirectories(file.getParent());
        Files.writeString(file, line.substring(equals + 1));
      }
      return new Unpacked(new DiffId(Digest.ofText(layer)), List.of());
    } catch (IOException failed) {
      throw new CorruptData("toy layer: " + failed.getMessage(), failed);
    }
  }

  @Override
  public void inherit(Path layerDirectory, List<Path> implied, List<Path> below) {
    throw new IllegalStateException("toy layers imply nothing: " + implied);
  }

  @Override
  public WrittenLayer write(
      Path layerDirectory, LayerCompression compression, Ingester into, VertexProgress progress) {
    written.incrementAndGet();
    StringBuilder layer = new StringBuilder();
    try (var files = Files.walk(layerDirectory)) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        layer
            .append(layerDirectory.relativize(file))
            .append('=')
            .append(Files.readString(file))
            .append('\n');
      }
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
    return put(layer.toString(), compression, into);
  }

  @Override
  public WrittenLayer recompress(Descriptor blob, LayerCompression compression, Ingester into) {
    try (var channel = store.open(blob.digest())) {
      byte[] bytes = Channels.newInputStream(channel).readAllBytes();
      return put(
          new String(isGzip(bytes) ? gunzip(bytes) : bytes, StandardCharsets.UTF_8),
          compression,
          into);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private static WrittenLayer put(String layer, LayerCompression compression, Ingester into) {
    byte[] bytes =
        compression.kind() == LayerCompression.Kind.GZIP
            ? gzip(layer)
            : layer.getBytes(StandardCharsets.UTF_8);
    try (Ingest ingest =
        into.ingest("toy " + System.identityHashCode(bytes) + " " + Digest.ofBytes(bytes))) {
      ingest.write(ByteBuffer.wrap(bytes));
      Digest digest = ingest.commit(Optional.empty(), OptionalLong.empty(), Map.of()).digest();
      DiffId diffId = new DiffId(Digest.ofText(layer));
      Descriptor blob =
          new Descriptor(compression.mediaType(), digest, bytes.length)
              .withAnnotations(Map.of(Descriptor.UNCOMPRESSED, diffId.toString()));
      return new WrittenLayer(blob, diffId);
    }
  }

  private static boolean isGzip(byte[] bytes) {
    return bytes.length > 2 && bytes[0] == 0x1f && (bytes[1] & 0xff) == 0x8b;
  }

  private static byte[] gunzip(byte[] bytes) throws IOException {
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
      return in.readAllBytes();
    }
  }

  /// A layer as an image would name it.
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record ToyLayer(String text, byte[] blob, MediaType type) {
    public static ToyLayer gzipped(String... lines) {
      String text = String.join("\n", List.of(lines)) + "\n";
      return new ToyLayer(text, gzip(text), MediaType.OCI_LAYER_GZIP);
    }

    public ToyLayer uncompressed() {
      return new ToyLayer(text, text.getBytes(StandardCharsets.UTF_8), MediaType.OCI_LAYER);
    }

    public DiffId diffId() {
      return new DiffId(Digest.ofText(text));
    }

    public Descriptor descriptor() {
      return new Descriptor(type, Digest.ofBytes(blob), blob.length);
    }
  }
}
