package dev.slipway.ref;

import dev.slipway.layer.LayerCompression;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.DiffId;
import dev.slipway.oci.Digest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;

/// Makes, finds, accounts and collects refs. Blocking; thread-safe.
public interface RefStore extends AutoCloseable {
  /// A new writable tree on top of the parent (made real first when lazy). Caller closes.
  MutableRef newMutable(
      Optional<ImmutableRef> parent, RefDescription description, FetchContext context);

  /// A tree made of these layers, base first, found again where the same chain is known. Nothing is
  /// fetched. Caller closes.
  ///
  /// @throws dev.slipway.failure.InvalidRequest no layers
  ImmutableRef ofLayers(List<LayerSource> layers, RefDescription description);

  /// The trees laid over each other, later ones win. Caller closes.
  ImmutableRef merge(List<ImmutableRef> refs, RefDescription description, FetchContext context);

  /// What `upper` changes on `lower`, as a tree. Caller closes.
  ImmutableRef diff(
      Optional<ImmutableRef> lower,
      Optional<ImmutableRef> upper,
      RefDescription description,
      FetchContext context);

  /// Caller closes.
  Optional<ImmutableRef> find(RefId id);

  /// A kept mutable tree under a tag (a cache mount's key, a local source's shared key), that
  /// nobody holds now; else a new one. A closed ref stays under its tag. Caller closes.
  ///
  /// @param parent what a new one starts from
  MutableRef openTagged(
      String tag, Optional<ImmutableRef> parent, RefDescription description, FetchContext context);

  /// Throws away what is kept under the tag and is not in use.
  void dropTagged(String tag);

  /// Has the next user of any of these tags start anew: throws away what is kept and not in use,
  /// and what is in use as soon as its user closes it.
  void retireTagged(Predicate<String> tags);

  /// The layers of a ref as blobs in the content store, base first: made (differ, compressor) where
  /// there are none yet, converted where the compression must be as asked. Remembered with the ref.
  ///
  /// @return descriptors with the uncompressed digest annotated
  List<Descriptor> blobs(ImmutableRef ref, LayerCompression compression, FetchContext context);

  /// As [#blobs], as far as nothing has to be made or fetched: blobs that are in the content store
  /// or can be fetched where the layer came from.
  ///
  /// @return empty when some layer has no such blob
  Optional<List<Descriptor>> knownBlobs(ImmutableRef ref, LayerCompression compression);

  /// As [#blobs], but what can be fetched where a layer came from need not be here: [#bringBlob]
  /// brings it.
  List<Descriptor> lazyBlobs(ImmutableRef ref, LayerCompression compression, FetchContext context);

  /// Brings a blob that [#lazyBlobs] told of into the content store, unless it is there.
  ///
  /// @throws dev.slipway.failure.NotFound it is gone, and nothing says where it can be fetched
  void bringBlob(ImmutableRef ref, Descriptor blob, FetchContext context);

  /// Gives those layers of the ref another blob whose own turned out to be gone when it was needed:
  /// one of an equal layer, or one made of the layer's files. It unpacks to the very same, or it is
  /// none: then the layer stays lost.
  LostBlobs replaceLostBlobs(ImmutableRef ref, FetchContext context);

  /// How often a layer's blob was missed so far. Work that failed and during which that number grew
  /// may come out otherwise when it is done again: other blobs are told of then.
  long losses();

  List<RefInfo> usage();

  /// Removes what the policy allows, in small steps; never what is in use.
  ///
  /// @param removed told of each record removed
  void prune(PrunePolicy policy, Consumer<RefInfo> removed);

  /// Has the listener told of every record that ceases to be, so that what is remembered about it
  /// elsewhere can be forgotten. Called after the fact, on whatever thread removed it; it must not
  /// block for long.
  void onRemoved(Consumer<RefId> listener);

  /// Has the listener told of every [content key][ImmutableRef#contentKey] that no ref has any
  /// more. Same rules as [#onRemoved].
  void onContentGone(Consumer<String> listener);

  /// Has the listener told of every content key whose kept tree is opened to be written again
  /// ([#openTagged]): what is known of the content may no longer hold. Same rules as [#onRemoved],
  /// but before the writer has the tree.
  void onContentOpened(Consumer<String> listener);

  /// Has the listener told whenever something more is kept. Called after the fact, on whatever
  /// thread added it; it must not block.
  void onGrown(Runnable listener);

  /// Refs held open now, for leak checks.
  int openHolds();

  @Override
  void close();

  /// A layer known by its blob.
  ///
  /// @param createdAt when the step that made it ended; empty: not known, it counts as new
  record LayerSource(
      Descriptor blob,
      DiffId diffId,
      Optional<LayerOrigin> origin,
      String description,
      Optional<Instant> createdAt) {
    public LayerSource(
        Descriptor blob, DiffId diffId, Optional<LayerOrigin> origin, String description) {
      this(blob, diffId, origin, description, Optional.empty());
    }
  }

  /// What became of blobs that are gone.
  ///
  /// @param replaced those that others serve for now
  /// @param irreplaceable for each of the rest, why nothing serves for it
  record LostBlobs(Set<Digest> replaced, List<String> irreplaceable) {
    public LostBlobs {
      replaced = Set.copyOf(replaced);
      irreplaceable = List.copyOf(irreplaceable);
    }
  }

  /// BuildKit's meaning (surface reference 9.4). Zero sizes mean unset.
  ///
  /// @param filters containerd filter expressions, any of which may match; empty matches all
  record PrunePolicy(
      boolean all,
      List<String> filters,
      Duration keepDuration,
      long reservedBytes,
      long maxUsedBytes,
      long minFreeBytes) {
    public PrunePolicy {
      filters = List.copyOf(filters);
    }

    /// Whether it leaves nothing that is not in use (`all` given).
    boolean isUnlimited() {
      return filters.isEmpty()
          && keepDuration.isZero()
          && reservedBytes == 0
          && maxUsedBytes == 0
          && minFreeBytes == 0;
    }
  }
}
