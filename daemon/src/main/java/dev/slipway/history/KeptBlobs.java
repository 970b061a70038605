package dev.slipway.history;

import dev.slipway.content.ContentStore;
import dev.slipway.content.Ingest;
import dev.slipway.image.Documents;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.Digest;
import dev.slipway.oci.Index;
import dev.slipway.oci.Manifest;
import dev.slipway.oci.MediaType;
import dev.slipway.oci.json.OciJson;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/// The blobs that records keep from collection, counted. Taking and giving up exclude each other by
/// the lock `changes`, so that a blob is not deleted for one record while another takes it;
/// [#holds] asks without a lock.
final class KeptBlobs {
  private final ContentStore content;
  private final Documents documents;
  private final Consumer<Collection<Digest>> unneeded;
  private final Map<Digest, Integer> counts = new ConcurrentHashMap<>();
  private final Object changes = new Object();

  /// @param unneeded deletes blobs that nothing else needs either
  KeptBlobs(ContentStore content, Consumer<Collection<Digest>> unneeded) {
    this.content = content;
    this.documents = new Documents(content);
    this.unneeded = unneeded;
  }

  boolean holds(Digest blob) {
    return counts.containsKey(blob);
  }

  /// Something that writes a blob piece by piece.
  @FunctionalInterface
  interface Writing {
    void into(Ingest ingest);
  }

  /// What one record keeps. Confined to one thread at a time. Closing gives all of it up, and
  /// deletes what nobody needs.
  final class Hold implements AutoCloseable {
    private final Set<Digest> held = new HashSet<>();

    private Hold() {}

    /// Writes a blob and holds it.
    Descriptor write(MediaType type, Writing writing) {
      try (Ingest ingest = content.ingest("history-" + UUID.randomUUID())) {
        writing.into(ingest);
        long bytes = ingest.offset();
        synchronized (changes) {
          Digest digest =
              ingest.commit(Optional.empty(), OptionalLong.of(bytes), Map.of()).digest();
          add(digest);
          return new Descriptor(type, digest, bytes);
        }
      }
    }

    Descriptor write(MediaType type, byte[] bytes) {
      return write(type, ingest -> ingest.write(ByteBuffer.wrap(bytes)));
    }

    /// Holds blobs that are there.
    void add(Collection<Digest> blobs) {
      synchronized (changes) {
        blobs.forEach(this::add);
      }
    }

    private void add(Digest blob) {
      if (held.add(blob)) {
        counts.merge(blob, 1, Integer::sum);
      }
    }

    @Override
    public void close() {
      synchronized (changes) {
        List<Digest> free = new ArrayList<>();
        for (Digest blob : held) {
          int left = counts.getOrDefault(blob, 1) - 1;
          if (left == 0) {
            counts.remove(blob);
            free.add(blob);
          } else {
            counts.put(blob, left);
          }
        }
        held.clear();
        unneeded.accept(free);
      }
    }
  }

  /// Holds nothing yet. Caller closes.
  Hold open() {
    return new Hold();
  }

  /// Whether every blob is there.
  boolean complete(Collection<Digest> blobs) {
    return blobs.stream().allMatch(blob -> content.find(blob).isPresent());
  }

  /// What belongs to an exported image but its layers: indexes, manifests, configs, attestations.
  Set<Digest> documentsOf(Descriptor root) {
    Set<Digest> found = new HashSet<>();
    collect(root, found);
    return found;
  }

  private void collect(Descriptor document, Set<Digest> found) {
    if (!found.add(document.digest())) {
      return;
    }
    MediaType type = document.mediaType();
    if (type.isIndex()) {
      documents
          .find(document.digest())
          .map(OciJson::index)
          .map(Index::manifests)
          .orElse(List.of())
          .forEach(child -> collect(child, found));
    } else if (type.isManifest()) {
      Optional<Manifest> manifest = documents.find(document.digest()).map(OciJson::manifest);
      manifest.ifPresent(
          read -> {
            found.add(read.config().digest());
            read.layers().stream()
                .filter(layer -> layer.mediaType().equals(MediaType.IN_TOTO))
                .forEach(layer -> found.add(layer.digest()));
          });
    }
  }
}
