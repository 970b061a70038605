package dev.slipway.source.local;

import dev.slipway.fsutil.Stat;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/// What a synchronised tree holds, by path, parents before children. Confined to one
/// synchronisation at a time.
///
/// @param entries filled by whoever makes it
/// @param origin how it is known
record SyncedTree(SequencedMap<String, Stat> entries, Origin origin) {
  enum Origin {
    /// Every entry was written, or found unchanged, by this daemon: digests of all were told.
    SYNCHRONISED,
    /// Read from disk: digests may be missing.
    READ
  }

  static SyncedTree empty(Origin origin) {
    return new SyncedTree(new LinkedHashMap<>(), origin);
  }

  void add(Stat stat) {
    entries.put(stat.path(), stat);
  }

  int size() {
    return entries.size();
  }
}
