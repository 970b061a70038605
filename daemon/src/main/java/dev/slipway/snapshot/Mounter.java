package dev.slipway.snapshot;

import java.nio.file.Path;
import java.util.List;

/// Makes mounts real for code that needs a path.
@FunctionalInterface
public interface Mounter {
  /// Mounts them (a single bind may be answered by its source without mounting). Caller closes.
  MountedTree mount(List<Mount> mounts);

  /// A tree under a path until closed.
  interface MountedTree extends AutoCloseable {
    Path root();

    /// Unmounts; idempotent.
    @Override
    void close();
  }
}
