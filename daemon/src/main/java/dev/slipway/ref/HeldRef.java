package dev.slipway.ref;

import dev.slipway.failure.WrongState;
import dev.slipway.snapshot.Mount;
import dev.slipway.snapshot.Mounter.MountedTree;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/// One counted hold. Thread-safe: all it does goes through the store; closing counts once.
final class HeldRef implements ImmutableRef {
  private final SnapshotRefStore store;
  private final RefRecord record;
  private final AtomicBoolean closed = new AtomicBoolean();

  /// Takes over one hold that is counted already.
  HeldRef(SnapshotRefStore store, RefRecord record) {
    this.store = store;
    this.record = record;
  }

  RefRecord record() {
    if (closed.get()) {
      throw new WrongState("ref " + record.id + " is closed");
    }
    return record;
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
  public ImmutableRef share() {
    return store.share(record());
  }

  @Override
  public List<RefLayer> layers() {
    return store.layers(record());
  }

  @Override
  public boolean lazy() {
    return store.lazy(record());
  }

  @Override
  public boolean isLost() {
    return store.isLost(record());
  }

  @Override
  public void unlazy(FetchContext context) {
    store.unlazy(record(), context);
  }

  @Override
  public List<Mount> mounts() {
    return store.mounts(record());
  }

  @Override
  public MountedTree openTree(FetchContext context) {
    return store.openTree(record(), context);
  }

  @Override
  public RefInfo info() {
    return store.info(record());
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      store.release(record);
    }
  }

  @Override
  public String toString() {
    return "ref " + record.id;
  }
}
