package dev.slipway.workernative.overlay;

import dev.slipway.failure.AlreadyExists;
import dev.slipway.failure.NotFound;
import dev.slipway.failure.WrongState;
import dev.slipway.kernel.FileAttributes;
import dev.slipway.kernel.Kernel;
import dev.slipway.kernel.TreeRemoval;
import dev.slipway.snapshot.Mount;
import dev.slipway.snapshot.SnapshotKind;
import dev.slipway.snapshot.SnapshotName;
import dev.slipway.snapshot.Snapshotter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// Snapshots as overlayfs layers, see the package for what is on disk.
///
/// **Crash.** A snapshot exists once its record is in place, and is committed once its directory
/// carries the new name; both are single renames, so there is nothing to repair, only strays to
/// sweep. Contents are not flushed one by one: what the kernel has not yet written survives the end
/// of the process anyway, and [DurableNames] sorts out what a power cut may have torn.
///
/// Guarded by its own monitor, which is held only for look-ups and renames, never while trees are
/// walked or deleted.
public final class OverlaySnapshotter implements Snapshotter {
  private final Kernel kernel;
  private final Path root;
  private final DurableNames durable;
  private final Map<SnapshotName, SnapshotRecord> records = new HashMap<>();
  private final Map<SnapshotName, Integer> stackedOn = new HashMap<>();
  private long removed;

  private OverlaySnapshotter(Kernel kernel, Path root, DurableNames durable) {
    this.kernel = kernel;
    this.root = root;
    this.durable = durable;
  }

  /// Reads what is there and sweeps what a crash left half done. Caller closes.
  ///
  /// @param root made when absent; its file system must be able to hold overlay layers
  public static OverlaySnapshotter open(Kernel kernel, Path root) {
    try {
      Files.createDirectories(root);
      var snapshotter =
          new OverlaySnapshotter(
              kernel, root.toRealPath(), DurableNames.open(kernel, root.toRealPath()));
      snapshotter.load();
      return snapshotter;
    } catch (IOException failed) {
      throw new WrongState("cannot open snapshots in " + root + ": " + failed.getMessage(), failed);
    }
  }

  private void load() throws IOException {
    List<Path> strays = new ArrayList<>();
    try (Stream<Path> entries = Files.list(root)) {
      for (Path entry : entries.toList()) {
        if (durable.owns(entry)) {
          continue;
        }
        Optional<SnapshotRecord> record = SnapshotRecord.read(entry).filter(durable::survived);
        record.ifPresentOrElse(known -> records.put(known.name(), known), () -> strays.add(entry));
      }
    }
    // What stood on something that is gone is gone too.
    while (records
        .values()
        .removeIf(
            record ->
                !records.keySet().containsAll(record.parents())
                    && strays.add(directory(record.name())))) {}
    records.values().forEach(record -> count(record.parents(), 1));
    for (Path stray : strays) {
      removeTree(stray);
    }
    durable.start();
  }

  @Override
  public String kind() {
    return "overlayfs";
  }

  @Override
  public void prepare(SnapshotName name, List<SnapshotName> parents) {
    synchronized (this) {
      if (records.containsKey(name)) {
        throw new AlreadyExists("snapshot " + name + " already exists");
      }
      requireCommitted(parents);
      records.put(name, new SnapshotRecord(SnapshotKind.ACTIVE, name, parents));
      count(parents, 1);
    }
    Path directory = directory(name);
    try {
      Files.createDirectory(directory);
      Path layer = Files.createDirectory(directory.resolve("fs"));
      // The upper directory's own attributes show as those of the root.
      FileAttributes above =
          parents.isEmpty()
              ? kernel.attributes(layer)
              : kernel.attributes(directory(parents.getLast()).resolve("fs"));
      kernel.setMode(layer, parents.isEmpty() ? 0755 : above.mode());
      if (above.uid() != 0 || above.gid() != 0) {
        kernel.setOwner(layer, above.uid(), above.gid());
      }
      if (!parents.isEmpty()) {
        Files.createDirectory(directory.resolve("work"));
      }
      new SnapshotRecord(SnapshotKind.ACTIVE, name, parents).write(directory);
    } catch (IOException failed) {
      forget(name, parents);
      removeTree(directory);
      throw new WrongState("cannot prepare snapshot " + name + ": " + failed.getMessage(), failed);
    }
  }

  @Override
  public List<Mount> mounts(SnapshotName name) {
    SnapshotRecord record = require(name);
    Path layer = layerDirectory(name);
    return switch (record.kind()) {
      case ACTIVE -> {
        if (record.parents().isEmpty()) {
          yield List.of(new Mount.Bind(layer, false));
        }
        var upper = new Mount.Upper(layer, directory(name).resolve("work"));
        yield List.of(new Mount.Overlay(topFirst(record.parents()), Optional.of(upper)));
      }
      case COMMITTED -> {
        List<SnapshotName> stack = new ArrayList<>(record.parents());
        stack.add(name);
        yield stacked(stack);
      }
    };
  }

  @Override
  public List<Mount> mountsOf(List<SnapshotName> stack) {
    synchronized (this) {
      requireCommitted(stack);
    }
    return stacked(stack);
  }

  private List<Mount> stacked(List<SnapshotName> stack) {
    if (stack.isEmpty()) {
      throw new WrongState("an empty stack of snapshots has no tree to mount");
    }
    return stack.size() == 1
        ? List.of(new Mount.Bind(layerPath(stack.getFirst()), true))
        : List.of(new Mount.Overlay(topFirst(stack), Optional.empty()));
  }

  private List<Path> topFirst(List<SnapshotName> baseFirst) {
    return baseFirst.reversed().stream().map(this::layerPath).toList();
  }

  @Override
  public void commit(SnapshotName active, SnapshotName committed, List<SnapshotName> parents) {
    synchronized (this) {
      SnapshotRecord before = require(active);
      if (before.kind() != SnapshotKind.ACTIVE) {
        throw new WrongState("snapshot " + active + " is already committed");
      }
      if (records.containsKey(committed)) {
        throw new AlreadyExists("snapshot " + committed + " already exists");
      }
      requireCommitted(parents);
      var after = new SnapshotRecord(SnapshotKind.COMMITTED, committed, parents);
      try {
        after.write(directory(active));
        Files.move(directory(active), directory(committed), StandardCopyOption.ATOMIC_MOVE);
      } catch (IOException failed) {
        throw new WrongState(
            "cannot commit snapshot " + active + ": " + failed.getMessage(), failed);
      }
      records.remove(active);
      count(before.parents(), -1);
      records.put(committed, after);
      count(parents, 1);
    }
    // Nothing may be open in it any more; an unmounted work directory holds nothing of worth.
    removeTree(directory(committed).resolve("work"));
    durable.changed(committed);
  }

  @Override
  public void remove(SnapshotName name) {
    Path doomed;
    synchronized (this) {
      SnapshotRecord record = records.get(name);
      if (record == null) {
        return;
      }
      if (stackedOn.containsKey(name)) {
        throw new WrongState("snapshot " + name + " has others stacked on it");
      }
      doomed = root.resolve("removed-" + removed++);
      try {
        Files.move(directory(name), doomed, StandardCopyOption.ATOMIC_MOVE);
      } catch (IOException failed) {
        throw new WrongState("cannot remove snapshot " + name + ": " + failed.getMessage(), failed);
      }
      records.remove(name);
      count(record.parents(), -1);
    }
    removeTree(doomed);
  }

  @Override
  public synchronized Optional<Info> find(SnapshotName name) {
    return Optional.ofNullable(records.get(name)).map(SnapshotRecord::info);
  }

  @Override
  public synchronized List<Info> list() {
    return records.values().stream().map(SnapshotRecord::info).toList();
  }

  @Override
  public Path layerDirectory(SnapshotName name) {
    require(name);
    return layerPath(name);
  }

  @Override
  public WhiteoutStyle whiteoutStyle() {
    return WhiteoutStyle.OVERLAY;
  }

  @Override
  public Usage usage(SnapshotName name) {
    return new LayerUsage(kernel).of(layerDirectory(name));
  }

  @Override
  public void retainOnly(List<SnapshotName> names) {
    List<SnapshotName> unwanted;
    synchronized (this) {
      Set<SnapshotName> kept = new HashSet<>(names);
      // What a wanted one stands on is needed, even if nobody named it.
      names.forEach(name -> find(name).ifPresent(info -> kept.addAll(info.parents())));
      // Those standing on most come first, so each is free of others when its turn comes.
      unwanted =
          records.values().stream()
              .filter(record -> !kept.contains(record.name()))
              .sorted(
                  Comparator.comparingInt((SnapshotRecord record) -> record.parents().size())
                      .reversed())
              .map(SnapshotRecord::name)
              .toList();
    }
    List<SnapshotName> left = unwanted;
    while (!left.isEmpty()) {
      List<SnapshotName> blocked = new ArrayList<>();
      for (SnapshotName name : left) {
        boolean free;
        synchronized (this) {
          free = !stackedOn.containsKey(name);
        }
        if (free) {
          remove(name);
        } else {
          blocked.add(name);
        }
      }
      if (blocked.size() == left.size()) {
        return; // somebody stacked something on them meanwhile
      }
      left = blocked;
    }
  }

  @Override
  public void close() {
    durable.close();
  }

  private synchronized SnapshotRecord require(SnapshotName name) {
    SnapshotRecord record = records.get(name);
    if (record == null) {
      throw new NotFound("snapshot " + name + " not found");
    }
    return record;
  }

  private void requireCommitted(List<SnapshotName> parents) {
    for (SnapshotName parent : parents) {
      SnapshotRecord record = records.get(parent);
      if (record == null) {
        throw new NotFound("parent snapshot " + parent + " not found");
      }
      if (record.kind() != SnapshotKind.COMMITTED) {
        throw new NotFound("parent snapshot " + parent + " is not committed");
      }
    }
  }

  private synchronized void forget(SnapshotName name, List<SnapshotName> parents) {
    records.remove(name);
    count(parents, -1);
  }

  private void count(List<SnapshotName> parents, int by) {
    for (SnapshotName parent : parents) {
      stackedOn.merge(parent, by, Integer::sum);
      stackedOn.remove(parent, 0);
    }
  }

  private Path directory(SnapshotName name) {
    return root.resolve(name.value());
  }

  private Path layerPath(SnapshotName name) {
    return directory(name).resolve("fs");
  }

  private static void removeTree(Path tree) {
    try {
      TreeRemoval.remove(tree);
    } catch (IOException failed) {
      throw new WrongState("cannot delete " + tree + ": " + failed.getMessage(), failed);
    }
  }
}
