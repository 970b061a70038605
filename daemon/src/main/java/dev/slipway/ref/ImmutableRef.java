package dev.slipway.ref;

import dev.slipway.snapshot.Mount;
import dev.slipway.snapshot.Mounter.MountedTree;
import java.util.List;

/// A counted hold on a file tree that never changes. Thread-safe. Holder closes.
public interface ImmutableRef extends AutoCloseable {
  /// Stable across restarts; other holds on the same tree have the same id.
  RefId id();

  /// Names the tree's content: refs with equal keys hold the same tree. What is remembered about
  /// the content is remembered under it. A kept tree ([RefStore#openTagged]) has one key through
  /// all its lives, though its content changes between them.
  default String contentKey() {
    return id().value();
  }

  /// A second hold with a life of its own. Caller closes.
  ImmutableRef share();

  /// The layers it is made of, base first. Known without fetching anything.
  List<RefLayer> layers();

  /// True while some layer has no files here yet.
  boolean lazy();

  /// Whether some layer was needed and could not be had. Cheap: nothing is looked for.
  default boolean isLost() {
    return false;
  }

  /// Fetches and unpacks what is missing, layers in parallel; joins others who do the same. Nothing
  /// to do when not lazy.
  ///
  /// @throws dev.slipway.failure.BuildFailure what kept a layer from arriving
  void unlazy(FetchContext context);

  /// How to mount the tree read-only.
  ///
  /// @throws dev.slipway.failure.WrongState still lazy
  List<Mount> mounts();

  /// Makes it real if lazy and mounts it read-only. Caller closes the tree before the ref.
  MountedTree openTree(FetchContext context);

  RefInfo info();

  @Override
  void close();
}
