package dev.slipway.contenthash.testing;

import dev.slipway.ref.FetchContext;
import dev.slipway.ref.ImmutableRef;
import dev.slipway.ref.RefDescription;
import dev.slipway.ref.RefId;
import dev.slipway.ref.RefInfo;
import dev.slipway.ref.RefLayer;
import dev.slipway.snapshot.Mount;
import dev.slipway.snapshot.Mounter.MountedTree;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/// A folder on disk that passes for a ref. Counts how often it is mounted.
public final class FolderRef implements ImmutableRef {
  public final AtomicInteger mounted = new AtomicInteger();
  public final AtomicInteger unmounted = new AtomicInteger();

  private final RefId id;
  private final Path root;
  private final RefDescription description;

  public FolderRef(RefId id, Path root, RefDescription description) {
    this.id = id;
    this.root = root;
    this.description = description;
  }

  @Override
  public RefId id() {
    return id;
  }

  @Override
  public ImmutableRef share() {
    return this;
  }

  @Override
  public List<RefLayer> layers() {
    return List.of();
  }

  @Override
  public boolean lazy() {
    return false;
  }

  @Override
  public void unlazy(FetchContext context) {}

  @Override
  public List<Mount> mounts() {
    return List.of(new Mount.Bind(root, true));
  }

  @Override
  public MountedTree openTree(FetchContext context) {
    mounted.incrementAndGet();
    return new MountedTree() {
      @Override
      public Path root() {
        return root;
      }

      @Override
      public void close() {
        unmounted.incrementAndGet();
      }
    };
  }

  @Override
  public RefInfo info() {
    return new RefInfo(
        id, false, true, 0, List.of(), Instant.EPOCH, Optional.empty(), 0, description, false);
  }

  @Override
  public void close() {}
}
