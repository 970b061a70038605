package dev.slipway.ref;

import dev.slipway.content.BlobInfo;
import dev.slipway.content.ContentStore;
import dev.slipway.failure.NotFound;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.Digest;
import dev.slipway.snapshot.SnapshotName;
import dev.slipway.snapshot.Snapshotter;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/// The byte account of refs: allocated blocks of each layer's snapshot plus its blobs, every byte
/// accounted to exactly one record.
///
/// A layer is counted once, when somebody first asks after it was frozen or closed (so making
/// layers never waits for counting), and the count is kept with the record. A blob of several
/// layers is accounted to the oldest.
final class Ledger {
  private final RefGraph graph;
  private final Snapshotter snapshotter;
  private final ContentStore content;

  Ledger(RefGraph graph, Snapshotter snapshotter, ContentStore content) {
    this.graph = graph;
    this.snapshotter = snapshotter;
    this.content = content;
  }

  private record Uncounted(RefRecord record, SnapshotName name) {}

  /// Counts what was not counted since it changed. What is being written now is not counted.
  void measure() {
    List<Uncounted> uncounted =
        graph.inspect(
            () -> {
              List<Uncounted> found = new ArrayList<>();
              for (RefRecord record : graph.all()) {
                if (record.fileBytes == RefRecord.UNMEASURED && !beingWritten(record)) {
                  record.files.snapshot().ifPresent(name -> found.add(new Uncounted(record, name)));
                }
              }
              return found;
            });
    for (Uncounted each : uncounted) {
      try {
        long bytes = snapshotter.usage(each.name()).bytes();
        graph.inspect(
            () -> {
              if (each.record().files.snapshot().equals(Optional.of(each.name()))
                  && !beingWritten(each.record())) {
                graph.change(each.record(), record -> record.fileBytes = bytes);
              }
              return bytes;
            });
      } catch (NotFound renamedOrRemovedMeanwhile) {
        // counted by the next call, if it is still there
      }
    }
  }

  private static boolean beingWritten(RefRecord record) {
    return record.mutable && record.holds > 0;
  }

  List<RefInfo> infos(Predicate<Digest> shared) {
    return graph.inspect(
        () -> {
          Set<RefId> used = graph.inUse();
          return graph.all().stream()
              .map(record -> info(record, used.contains(record.id), shared))
              .toList();
        });
  }

  RefInfo info(RefRecord record, Predicate<Digest> shared) {
    return graph.inspect(
        () -> info(record, record.holds > 0 || graph.inUse().contains(record.id), shared));
  }

  RefInfo info(RefRecord record, boolean inUse, Predicate<Digest> shared) {
    return new RefInfo(
        record.id,
        record.mutable,
        inUse,
        bytes(record),
        record.shape.parents(),
        record.createdAt,
        record.lastUsedAt,
        record.usageCount,
        record.description,
        isShared(record, shared));
  }

  static boolean isShared(RefRecord record, Predicate<Digest> shared) {
    return record.blobs.stream().anyMatch(blob -> shared.test(blob.digest()));
  }

  /// What goes when this record goes.
  long bytes(RefRecord record) {
    long sum = Math.max(0, record.fileBytes);
    for (Descriptor blob : record.blobs) {
      if (graph.accountsFor(record, blob.digest())) {
        sum += content.find(blob.digest()).map(BlobInfo::bytes).orElse(0L);
      }
    }
    return sum;
  }

  long totalBytes() {
    long records = graph.inspect(() -> graph.all().stream().mapToLong(this::bytes).sum());
    long[] unreferenced = {0};
    content.walk(blob -> unreferenced[0] += graph.holdsBlob(blob.digest()) ? 0 : blob.bytes());
    return records + unreferenced[0];
  }

  /// What snapshots take that no record has counted yet: they are being written.
  long bytesBeingWritten() {
    Set<SnapshotName> counted =
        graph.inspect(
            () -> {
              Set<SnapshotName> names = new HashSet<>();
              for (RefRecord record : graph.all()) {
                if (record.fileBytes != RefRecord.UNMEASURED) {
                  record.files.snapshot().ifPresent(names::add);
                }
              }
              return names;
            });
    long bytes = 0;
    for (Snapshotter.Info snapshot : snapshotter.list()) {
      if (!counted.contains(snapshot.name())) {
        try {
          bytes += snapshotter.usage(snapshot.name()).bytes();
        } catch (NotFound renamedOrRemovedMeanwhile) {
          // counted next time, if it is still there
        }
      }
    }
    return bytes;
  }

  /// @return one line for each thing that is on disk otherwise than recorded
  List<String> differences() {
    List<String> differences = new ArrayList<>();
    Map<SnapshotName, Long> recorded = new HashMap<>();
    graph.inspect(
        () -> {
          graph.all().stream()
              .filter(record -> !beingWritten(record))
              .forEach(
                  record ->
                      record
                          .files
                          .snapshot()
                          .ifPresent(name -> recorded.put(name, record.fileBytes)));
          return recorded;
        });
    Set<SnapshotName> onDisk = new HashSet<>();
    snapshotter.list().forEach(info -> onDisk.add(info.name()));
    recorded.forEach(
        (name, bytes) -> {
          if (!onDisk.contains(name)) {
            differences.add("snapshot " + name + " is recorded but not on disk");
          } else if (snapshotter.usage(name).bytes() != bytes) {
            differences.add(
                "snapshot "
                    + name
                    + " has "
                    + snapshotter.usage(name).bytes()
                    + " bytes, recorded are "
                    + bytes);
          }
        });
    Set<SnapshotName> writing = new HashSet<>();
    graph.inspect(
        () -> {
          graph.all().stream()
              .filter(Ledger::beingWritten)
              .forEach(record -> record.files.snapshot().ifPresent(writing::add));
          return writing;
        });
    for (SnapshotName name : onDisk) {
      if (!recorded.containsKey(name)
          && !writing.contains(name)
          && !name.equals(LayerStack.NOTHING)) {
        differences.add("snapshot " + name + " is on disk but not recorded");
      }
    }
    content.walk(blob -> differenceOf(blob).ifPresent(differences::add));
    return differences;
  }

  private Optional<String> differenceOf(BlobInfo blob) {
    try (SeekableByteChannel channel = content.open(blob.digest())) {
      return channel.size() == blob.bytes()
          ? Optional.empty()
          : Optional.of(
              "blob "
                  + blob.digest()
                  + " has "
                  + channel.size()
                  + " bytes, recorded are "
                  + blob.bytes());
    } catch (NotFound gone) {
      return Optional.of("blob " + blob.digest() + " is recorded but not on disk");
    } catch (IOException failed) {
      return Optional.of("blob " + blob.digest() + " cannot be read: " + failed.getMessage());
    }
  }
}
