package dev.slipway.layer;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.CorruptData;
import dev.slipway.failure.Exhausted;
import dev.slipway.failure.Unavailable;
import dev.slipway.kernel.FileAttributes;
import dev.slipway.kernel.Kernel;
import dev.slipway.oci.DiffId;
import dev.slipway.oci.Digest;
import dev.slipway.oci.MediaType;
import dev.slipway.task.TaskScope;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;

/// Unpacks layers: one thread decompresses and hashes, another writes files. Thread-safe.
public final class LayerApplier implements Applier {
  private final Kernel kernel;

  public LayerApplier(Kernel kernel) {
    this.kernel = kernel;
  }

  @Override
  public Unpacked apply(InputStream blob, MediaType type, Path layerDirectory) {
    ChunkPipe pipe = new ChunkPipe();
    try (TaskScope scope = TaskScope.open("unpack")) {
      // The reader first: it cannot fail before there is something to read.
      TaskScope.Forked<List<Path>> implied =
          scope.fork(() -> unpack(pipe.reader(), layerDirectory));
      TaskScope.Forked<DiffId> hashed = scope.fork(() -> decompress(blob, pipe));
      scope.join();
      return new Unpacked(hashed.result(), implied.result());
    }
  }

  @Override
  public void inherit(Path layerDirectory, List<Path> implied, List<Path> below) {
    DirectoryStack base = DirectoryStack.of(kernel, below);
    for (Path directory : implied) {
      DirectoryStack beneath = base;
      for (Path name : directory) {
        beneath = beneath.enter(name.toString());
      }
      if (!beneath.directories().isEmpty()) {
        copyAttributes(beneath.directories().getFirst(), layerDirectory.resolve(directory));
      }
    }
  }

  private void copyAttributes(Path from, Path to) {
    FileAttributes attributes = kernel.attributes(from);
    kernel.setOwner(to, attributes.uid(), attributes.gid());
    kernel.setMode(to, attributes.mode());
    kernel
        .extendedAttributes(from)
        .forEach(
            (name, value) -> {
              if (!name.startsWith("trusted.")) {
                kernel.setExtendedAttribute(to, name, value);
              }
            });
    kernel.setModifiedTime(to, attributes.modifiedNanos());
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

  /// @return the directories that the layer only implies
  private List<Path> unpack(InputStream plain, Path layerDirectory) {
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
      return tree.implied();
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
