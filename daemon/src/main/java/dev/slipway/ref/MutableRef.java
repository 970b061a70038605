package dev.slipway.ref;

import dev.slipway.snapshot.Mount;
import dev.slipway.snapshot.Mounter.MountedTree;
import java.util.List;

/// The one hold on a file tree being written. Confined to one owner.
public interface MutableRef extends AutoCloseable {
  RefId id();

  /// Names the tree's content, see [ImmutableRef#contentKey].
  default String contentKey() {
    return id().value();
  }

  /// How to mount it writable.
  List<Mount> mounts();

  /// Mounts it writable. Caller closes the tree before committing or closing the ref.
  MountedTree openTree();

  /// Freezes it. This ref is spent afterwards; caller closes the result.
  ImmutableRef commit();

  RefInfo info();

  /// An uncommitted ref made with [RefStore#newMutable] is thrown away; one opened by tag (a cache
  /// mount, a synced local directory) is kept for the next user.
  @Override
  void close();
}
