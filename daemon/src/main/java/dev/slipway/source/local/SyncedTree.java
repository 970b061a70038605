package dev.slipway.source.local;

import dev.slipway.fsutil.Stat;
import dev.slipway.oci.Digest;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;

/// What a synchronised tree holds, by path, parents before children. Confined to one synchronisation at a time.
final class SyncedTree {
  private final SequencedMap<String, Entry> entries;

  SyncedTree() {
    this(new LinkedHashMap<>());
  }

  private SyncedTree(SequencedMap<String, Entry> entries) {
    this.entries = entries;
  }

  /// One entry. The digest of a file arrives later than its stat, from the thread that writes the file.
  static final class Entry {
    private final Stat stat;
    private volatile Optional<Digest> digest;

    Entry(Stat stat, Optional<Digest> digest) {
      this.stat = stat;
      this.digest = digest;
    }

    Stat stat() {
      return stat;
    }

    Optional<Digest> digest() {
      return digest;
    }

    void hashed(Digest known) {
      digest = Optional.of(known);
    }
  }

  SequencedMap<String, Entry> entries() {
    return entries;
  }

  void add(Entry entry) {
    entries.put(entry.stat().path(), entry);
  }

  /// A map of the same entries that may be taken apart.
  SyncedTree copy() {
    return new SyncedTree(new LinkedHashMap<>(entries));
  }

  int size() {
    return entries.size();
  }
}
