package dev.slipway.ref;

import dev.slipway.snapshot.SnapshotName;
import java.util.Optional;

/// Where the files of a record's own layer are.
sealed interface LayerFiles {
  Optional<SnapshotName> snapshot();

  /// Nowhere yet (lazy), or nothing of its own.
  record Absent() implements LayerFiles {
    @Override
    public Optional<SnapshotName> snapshot() {
      return Optional.empty();
    }
  }

  /// In a snapshot that can be written: a mutable ref's, or one of a tagged ref that was committed
  /// but may be taken up again by the next user of its tag when nobody holds it any more.
  record Active(SnapshotName name) implements LayerFiles {
    @Override
    public Optional<SnapshotName> snapshot() {
      return Optional.of(name);
    }
  }

  record Committed(SnapshotName name) implements LayerFiles {
    @Override
    public Optional<SnapshotName> snapshot() {
      return Optional.of(name);
    }
  }
}
