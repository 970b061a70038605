package dev.slipway.ref;

import dev.slipway.oci.ChainId;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.DiffId;
import dev.slipway.oci.Digest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What is known of one ref. Its mutable fields are guarded by the monitor of the [RefGraph] it
/// belongs to.
final class RefRecord {
  static final long UNMEASURED = -1;

  final RefId id;
  final Shape shape;
  final RefDescription description;
  final Instant createdAt;

  /// See [ImmutableRef#contentKey]. Set before others see the record, and never again.
  String contentKey;

  boolean mutable;
  LayerFiles files = new LayerFiles.Absent();

  /// Allocated blocks of the own layer, [#UNMEASURED] when they changed since they were counted.
  long fileBytes;

  Optional<DiffId> diffId = Optional.empty();

  /// The layer's blobs in its various compressions, the one it came from or was first exported as
  /// in front.
  final List<Descriptor> blobs = new ArrayList<>();

  Optional<LayerOrigin> origin = Optional.empty();

  /// The chains it is found by, see [RefGraph#index].
  Optional<ChainId> chain = Optional.empty();

  Optional<Digest> blobChain = Optional.empty();

  /// Under which this tree is kept for its next user.
  Optional<String> tag = Optional.empty();

  /// Ends with its user although it has a tag.
  boolean retired;

  Optional<Instant> lastUsedAt = Optional.empty();
  int usageCount;

  /// Live holds of users.
  int holds;

  /// Records that stand on this one.
  int children;

  RefRecord(RefId id, Shape shape, RefDescription description, Instant createdAt) {
    this.id = id;
    this.shape = shape;
    this.description = description;
    this.createdAt = createdAt;
    this.contentKey = id.value();
  }

  boolean ownsLayer() {
    return shape instanceof Shape.Own;
  }

  boolean hasFiles() {
    return !(files instanceof LayerFiles.Absent);
  }

  boolean removable() {
    return holds == 0 && children == 0;
  }

  RefLayer asLayer() {
    return new RefLayer(
        id, diffId, blobs.stream().findFirst(), origin, description.text(), createdAt);
  }

  /// Notes a blob of the layer; a known digest replaces what was known of it.
  void addBlob(Descriptor blob) {
    for (int i = 0; i < blobs.size(); i++) {
      if (blobs.get(i).digest().equals(blob.digest())) {
        blobs.set(i, blob);
        return;
      }
    }
    blobs.add(blob);
  }

  boolean hasBlob(Digest digest) {
    return blobs.stream().anyMatch(blob -> blob.digest().equals(digest));
  }
}
