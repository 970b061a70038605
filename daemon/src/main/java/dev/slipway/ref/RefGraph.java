package dev.slipway.ref;

import dev.slipway.oci.ChainId;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.DiffId;
import dev.slipway.oci.Digest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;

/// All records in memory: who stands on whom, who is held, which chain of layers is which record,
/// and what is yet to be written to the table.
///
/// Guarded by its own monitor, which is never held across disk or network. Callers that read
/// several fields of a record do so inside [#inspect].
final class RefGraph {
  private final Map<RefId, RefRecord> records = new LinkedHashMap<>();
  private final Map<ChainId, RefId> byChain = new HashMap<>();
  private final Map<Digest, RefId> byBlobChain = new HashMap<>();
  private final Map<Digest, LinkedHashSet<RefId>> blobHolders = new HashMap<>();
  private final Map<String, LinkedHashSet<RefId>> byTag = new HashMap<>();
  private final Set<RefId> changed = new LinkedHashSet<>();

  /// What one transaction writes.
  record Changes(List<Object[]> rows, List<RefId> removed) {}

  /// Runs with the monitor held; nothing that blocks.
  synchronized <T> T inspect(java.util.function.Supplier<T> work) {
    return work.get();
  }

  /// Changes fields of a record that is there, and has it written with the next transaction.
  synchronized void change(RefRecord record, Consumer<RefRecord> change) {
    List<Descriptor> before = List.copyOf(record.blobs);
    change.accept(record);
    if (records.containsKey(record.id)) {
      before.stream()
          .filter(blob -> !record.hasBlob(blob.digest()))
          .forEach(blob -> unholdBlob(record, blob.digest()));
      noteBlobs(record);
      if (stored(record)) {
        changed.add(record.id);
      }
    }
  }

  /// Adds a record; its parents must be there.
  synchronized void add(RefRecord record) {
    records.put(record.id, record);
    for (RefId below : below(record)) {
      require(below).children++;
    }
    noteBlobs(record);
    if (!record.mutable) {
      index(record);
    }
    record.tag.ifPresent(
        tag -> byTag.computeIfAbsent(tag, _ -> new LinkedHashSet<>()).add(record.id));
    if (stored(record)) {
      changed.add(record.id);
    }
  }

  /// Mutable refs without tag end with their owner and are never written down.
  private static boolean stored(RefRecord record) {
    return !record.mutable || record.tag.isPresent();
  }

  /// The records kept under a tag, oldest first.
  synchronized List<RefRecord> tagged(String tag) {
    return byTag.getOrDefault(tag, new LinkedHashSet<>()).stream().map(this::require).toList();
  }

  /// Has nobody find any more what is kept under these tags. A record keeps its own, so that its
  /// row goes when it does.
  ///
  /// @return those that were kept
  synchronized List<RefRecord> retireTagged(Predicate<String> tags) {
    List<RefRecord> retired = new ArrayList<>();
    for (Iterator<Map.Entry<String, LinkedHashSet<RefId>>> kept = byTag.entrySet().iterator();
        kept.hasNext(); ) {
      Map.Entry<String, LinkedHashSet<RefId>> entry = kept.next();
      if (tags.test(entry.getKey())) {
        entry.getValue().stream().map(this::require).forEach(retired::add);
        kept.remove();
      }
    }
    retired.forEach(record -> record.retired = true);
    return retired;
  }

  /// Ends a record's being kept under its tag.
  synchronized void untag(RefRecord record) {
    record.tag.ifPresent(tag -> byTag.getOrDefault(tag, new LinkedHashSet<>()).remove(record.id));
    record.tag = Optional.empty();
  }

  /// Takes a record out.
  ///
  /// @return blobs nobody holds any more, or empty when it is in use and stays
  synchronized Optional<List<Digest>> removeUnused(RefRecord record) {
    if (!record.removable() || records.get(record.id) != record) {
      return Optional.empty();
    }
    records.remove(record.id);
    if (stored(record)) {
      changed.add(record.id);
    }
    for (RefId below : below(record)) {
      Optional.ofNullable(records.get(below)).ifPresent(parent -> parent.children--);
    }
    record.chain.ifPresent(chain -> byChain.remove(chain, record.id));
    record.blobChain.ifPresent(chain -> byBlobChain.remove(chain, record.id));
    record.tag.ifPresent(tag -> byTag.getOrDefault(tag, new LinkedHashSet<>()).remove(record.id));
    List<Digest> orphans = new ArrayList<>();
    for (Descriptor blob : record.blobs) {
      if (unholdBlob(record, blob.digest())) {
        orphans.add(blob.digest());
      }
    }
    return Optional.of(orphans);
  }

  synchronized Optional<RefRecord> find(RefId id) {
    return Optional.ofNullable(records.get(id));
  }

  synchronized RefRecord require(RefId id) {
    RefRecord record = records.get(id);
    if (record == null) {
      throw new dev.slipway.failure.NotFound("ref " + id + " not found");
    }
    return record;
  }

  synchronized Collection<RefRecord> all() {
    return List.copyOf(records.values());
  }

  /// Takes a hold if it is there and satisfies the condition.
  synchronized Optional<RefRecord> hold(
      RefId id, java.util.function.Predicate<RefRecord> condition) {
    Optional<RefRecord> record = find(id).filter(condition);
    record.ifPresent(held -> held.holds++);
    return record;
  }

  synchronized void hold(RefRecord record) {
    record.holds++;
  }

  /// @return true when that was the last hold
  synchronized boolean release(RefRecord record, Instant now) {
    record.holds--;
    if (record.holds > 0) {
      return false;
    }
    record.lastUsedAt = Optional.of(now);
    record.usageCount++;
    if (records.containsKey(record.id) && stored(record)) {
      changed.add(record.id);
    }
    return true;
  }

  /// The records whose layers make up the tree, base first. A layer may occur more than once.
  synchronized List<RefRecord> layers(RefRecord record) {
    return switch (record.shape) {
      case Shape.Own own -> {
        List<RefRecord> layers =
            new ArrayList<>(own.parent().map(parent -> layers(require(parent))).orElse(List.of()));
        layers.add(record);
        yield layers;
      }
      case Shape.Stack stack -> {
        List<RefRecord> layers = new ArrayList<>();
        stack.layers().forEach(layer -> layers.add(require(layer)));
        yield layers;
      }
    };
  }

  /// The record that has, or will have, the files of a layer.
  synchronized RefRecord fileOwner(RefRecord layer) {
    RefRecord owner = layer;
    while (owner.shape instanceof Shape.Own own && own.twin().isPresent()) {
      owner = require(own.twin().get());
    }
    return owner;
  }

  /// The record whose uncompressed layers form that chain.
  synchronized Optional<RefRecord> byChain(ChainId chain) {
    return Optional.ofNullable(byChain.get(chain)).map(this::require);
  }

  synchronized Optional<RefRecord> byBlobChain(Digest chain) {
    return Optional.ofNullable(byBlobChain.get(chain)).map(this::require);
  }

  /// Enters a record under the chains it forms, as far as its layers are known by digest.
  synchronized void index(RefRecord record) {
    if (!record.ownsLayer()) {
      return;
    }
    List<DiffId> diffIds = new ArrayList<>();
    Optional<Digest> blobChain = Optional.of(Digest.EMPTY);
    for (RefRecord layer : layers(record)) {
      if (layer.diffId.isEmpty()) {
        return;
      }
      diffIds.add(layer.diffId.get());
      blobChain =
          layer.blobs.isEmpty()
              ? Optional.empty()
              : blobChain.map(
                  below -> blobChain(below, layer.blobs.getFirst().digest(), layer.diffId.get()));
    }
    record.chain = Optional.of(ChainId.of(diffIds));
    record.blobChain = blobChain;
    record.chain.ifPresent(chain -> byChain.putIfAbsent(chain, record.id));
    record.blobChain.ifPresent(chain -> byBlobChain.putIfAbsent(chain, record.id));
  }

  /// Identity of a stack of blobs.
  static Digest blobChain(Digest below, Digest blob, DiffId diffId) {
    return Digest.ofText(below + " " + blob + " " + diffId);
  }

  /// Whether the record is the one a blob's bytes are accounted to: its first holder.
  synchronized boolean accountsFor(RefRecord record, Digest blob) {
    LinkedHashSet<RefId> holders = blobHolders.getOrDefault(blob, new LinkedHashSet<>());
    return !holders.isEmpty() && holders.getFirst().equals(record.id);
  }

  synchronized boolean holdsBlob(Digest blob) {
    return blobHolders.containsKey(blob);
  }

  /// Records held by users, and all they stand on.
  synchronized Set<RefId> inUse() {
    Set<RefId> used = new HashSet<>();
    List<RefRecord> open =
        new ArrayList<>(records.values().stream().filter(record -> record.holds > 0).toList());
    while (!open.isEmpty()) {
      RefRecord record = open.removeLast();
      if (used.add(record.id)) {
        below(record).forEach(id -> open.add(require(id)));
      }
    }
    return used;
  }

  synchronized boolean hasChanges() {
    return !changed.isEmpty();
  }

  synchronized Changes takeChanges() {
    List<Object[]> rows = new ArrayList<>();
    List<RefId> removed = new ArrayList<>();
    for (RefId id : changed) {
      RefRecord record = records.get(id);
      if (record == null) {
        removed.add(id);
      } else {
        rows.add(RefTable.row(record));
      }
    }
    changed.clear();
    return new Changes(rows, removed);
  }

  synchronized void giveBack(Changes changes) {
    changed.addAll(changes.removed());
    changes.rows().forEach(row -> changed.add(new RefId((String) row[0])));
  }

  /// Has a record's absence written too, though it never was in the graph (an unusable row).
  synchronized void forget(RefId id) {
    changed.add(id);
  }

  /// @return true when nobody else holds it
  private boolean unholdBlob(RefRecord record, Digest blob) {
    LinkedHashSet<RefId> holders = blobHolders.getOrDefault(blob, new LinkedHashSet<>());
    holders.remove(record.id);
    if (holders.isEmpty()) {
      blobHolders.remove(blob);
    }
    return holders.isEmpty();
  }

  private void noteBlobs(RefRecord record) {
    for (Descriptor blob : record.blobs) {
      blobHolders.computeIfAbsent(blob.digest(), _ -> new LinkedHashSet<>()).add(record.id);
    }
  }

  /// Everything the record needs to be there.
  static List<RefId> below(RefRecord record) {
    Set<RefId> below = new LinkedHashSet<>(record.shape.parents());
    if (record.shape instanceof Shape.Own own) {
      own.twin().ifPresent(below::add);
    }
    return List.copyOf(below);
  }
}
