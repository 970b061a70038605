package dev.slipway.layer;

import dev.slipway.content.ContentStore;
import dev.slipway.failure.CorruptData;
import dev.slipway.oci.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.function.Consumer;

/// Tells what a layer's blob holds, without unpacking it.
public final class LayerListing {
  private static final String WHITEOUT = ".wh.";

  private LayerListing() {}

  /// Visits the path of everything that the layer adds or changes, as [#path] writes it; what it
  /// deletes is left out.
  ///
  /// @throws CorruptData the blob is no archive
  public static void visit(ContentStore store, Digest blob, Consumer<String> visitor) {
    try (InputStream in = Decompression.open(Channels.newInputStream(store.open(blob)))) {
      TarReader reader = new TarReader(in);
      for (Optional<TarEntry> next = reader.next(); next.isPresent(); next = reader.next()) {
        String path = path(next.get().name());
        if (!path.substring(path.lastIndexOf('/') + 1).startsWith(WHITEOUT)) {
          visitor.accept(path);
        }
      }
    } catch (IOException failed) {
      throw new CorruptData("reading layer " + blob + ": " + failed.getMessage(), failed);
    }
  }

  /// The path from the root: `usr/bin/`, `./usr/bin` and `/usr/bin` are all `/usr/bin`.
  public static String path(String name) {
    Deque<String> parts = new ArrayDeque<>();
    for (String part : name.split("/")) {
      if (part.equals("..")) {
        parts.pollLast();
      } else if (!part.isEmpty() && !part.equals(".")) {
        parts.addLast(part);
      }
    }
    return "/" + String.join("/", parts);
  }
}
