package dev.slipway.ref;

import dev.slipway.failure.WrongState;
import dev.slipway.snapshot.Mount;
import dev.slipway.snapshot.Mounter.MountedTree;
import dev.slipway.snapshot.SnapshotName;
import java.util.List;

/// The one hold on a tree being written. Confined to its owner.
final class OwnedMutableRef implements MutableRef {
  private final SnapshotRefStore store;
  private final RefRecord record;
  private boolean spent;

  /// Takes over the one hold, which is counted already.
  OwnedMutableRef(SnapshotRefStore store, RefRecord record) {
    this.store = store;
    this.record = record;
  }

  private RefRecord record() {
    if (spent) {
      throw new WrongState("mutable ref " + record.id + " is committed or closed");
    }
    return record;
  }

  /// The snapshot it writes into.
  SnapshotName active() {
    return store.activeSnapshot(record());
  }

  @Override
  public String contentKey() {
    return record.contentKey;
  }

  @Override
  public RefId id() {
    return record.id;
  }

  @Override
  public List<Mount> mounts() {
    return store.mutableMounts(record());
  }

  @Override
  public MountedTree openTree() {
    return store.openMutableTree(record());
  }

  @Override
  public ImmutableRef commit() {
    ImmutableRef committed = store.commit(record());
    spent = true;
    return committed;
  }

  @Override
  public RefInfo info() {
    return store.info(record());
  }

  @Override
  public void close() {
    if (!spent) {
      spent = true;
      store.closeMutable(record);
    }
  }

  @Override
  public String toString() {
    return "mutable ref " + record.id;
  }
}
