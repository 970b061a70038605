package dev.slipway.layer;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.CorruptData;
import dev.slipway.failure.Exhausted;
import dev.slipway.failure.Unavailable;
import dev.slipway.kernel.Kernel;
import dev.slipway.oci.DiffId;
import dev.slipway.oci.Digest;
import dev.slipway.oci.MediaType;
import dev.slipway.task.TaskScope;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Optional;

/// Unpacks layers: one thread decompresses and hashes, another writes files. Thread-safe.
public final class LayerApplier implements Applier {
  private final Kernel kernel;

  public LayerApplier(Kernel kernel) {
    this.kernel = kernel;
  }

  @Override
  public DiffId apply(InputStream blob, MediaType type, Path layerDirectory) {
    ChunkPipe pipe = new ChunkPipe();
    try (TaskScope scope = TaskScope.open("unpack")) {
      // The reader first: it cannot fail before there is something to read.
      scope.forkAction(() -> unpack(pipe.reader(), layerDirectory));
      TaskScope.Forked<DiffId> hashed = scope.fork(() -> decompress(blob, pipe));
      scope.join();
      return hashed.result();
    }
  }

  private static DiffId decompress(InputStream blob, ChunkPipe pipe) {
    MessageDigest hash = Digest.newSha256();
    try {
      InputStream plain = Decompression.open(new Unclosed(blob));
      try (plain) {
        while (true) {
          byte[] buffer = pipe.takeFree();
          int count = plain.readNBytes(buffer, 0, buffer.length);
          if (count == 0) {
            break;
          }
          hash.update(buffer, 0, count);
          pipe.put(buffer, count);
        }
      }
    } catch (IOException failed) {
      throw new Unavailable("reading a layer: " + failed.getMessage(), failed);
    }
    pipe.end();
    return new DiffId(Digest.ofSha256(hash));
  }

  private void unpack(InputStream plain, Path layerDirectory) {
    TarReader tar = new TarReader(plain);
    LayerTree tree = new LayerTree(kernel, layerDirectory);
    String name = "";
    try {
      for (Optional<TarEntry> next = tar.next(); next.isPresent(); next = tar.next()) {
        name = next.get().name();
        tree.add(next.get(), tar);
      }
      tree.finish();
      plain.transferTo(java.io.OutputStream.nullOutputStream());
    } catch (BuildFailure failure) {
      throw name.isEmpty() ? failure : failure.in("unpacking \"" + clip(name) + "\"");
    } catch (IOException failed) {
      throw translate(failed, clip(name));
    }
  }

  private static BuildFailure translate(IOException failed, String name) {
    String text = "unpacking \"" + name + "\": " + failed.getMessage();
    String reason = String.valueOf(failed.getMessage());
    return reason.contains("No space left") || reason.contains("quota exceeded")
        ? new Exhausted(text, failed)
        : new CorruptData(text, failed);
  }

  private static String clip(String name) {
    return name.length() > 200 ? name.substring(0, 200) + "…" : name;
  }

  /// Leaves the closing of a stream to its owner.
  private static final class Unclosed extends java.io.FilterInputStream {
    private Unclosed(InputStream in) {
      super(in);
    }

    @Override
    public void close() {
      // The caller of apply closes it.
    }
  }
}
