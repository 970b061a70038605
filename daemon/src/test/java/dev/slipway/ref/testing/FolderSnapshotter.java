package dev.slipway.ref.testing;

import dev.slipway.failure.AlreadyExists;
import dev.slipway.failure.NotFound;
import dev.slipway.failure.WrongState;
import dev.slipway.snapshot.Mount;
import dev.slipway.snapshot.Mounter;
import dev.slipway.snapshot.SnapshotKind;
import dev.slipway.snapshot.SnapshotName;
import dev.slipway.snapshot.Snapshotter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/// Snapshots as plain folders, mounted by copying: needs neither root nor overlayfs. Additions and
/// changes only; a deletion in a mounted tree is not carried back. Everything is on disk, so that
/// another object can go on after this one. Thread-safe.
public final class FolderSnapshotter implements Snapshotter, Mounter {
  public final AtomicInteger mounted = new AtomicInteger();

  private final Path root;
  private final Path mountRoot;
  private int mounts;

  public FolderSnapshotter(Path root) {
    this.root = root.resolve("snapshots");
    this.mountRoot = root.resolve("mounts");
    try {
      Files.createDirectories(this.root);
      Files.createDirectories(mountRoot);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  @Override
  public String kind() {
    return "folder";
  }

  @Override
  public synchronized void prepare(SnapshotName name, List<SnapshotName> parents) {
    if (find(name).isPresent()) {
      throw new AlreadyExists("snapshot " + name + " already exists");
    }
    requireCommitted(parents);
    unchecked(
        () -> {
          Files.createDirectories(folder(name).resolve("fs"));
          write(name, SnapshotKind.ACTIVE, parents);
        });
  }

  @Override
  public synchronized List<Mount> mounts(SnapshotName name) {
    Info info = require(name);
    List<Path> lower = info.parents().reversed().stream().map(this::layer).toList();
    if (info.kind() == SnapshotKind.COMMITTED) {
      List<SnapshotName> stack = new ArrayList<>(info.parents());
      stack.add(name);
      return mountsOf(stack);
    }
    return lower.isEmpty()
        ? List.of(new Mount.Bind(layer(name), false))
        : List.of(
            new Mount.Overlay(
                lower, Optional.of(new Mount.Upper(layer(name), folder(name).resolve("work")))));
  }

  @Override
  public synchronized List<Mount> mountsOf(List<SnapshotName> stack) {
    requireCommitted(stack);
    if (new HashSet<>(stack).size() != stack.size()) {
      throw new WrongState("a layer twice in one stack: " + stack);
    }
    List<Path> lower = stack.reversed().stream().map(this::layer).toList();
    return lower.size() == 1
        ? List.of(new Mount.Bind(lower.getFirst(), true))
        : List.of(new Mount.Overlay(lower, Optional.empty()));
  }

  @Override
  public synchronized void commit(
      SnapshotName active, SnapshotName committed, List<SnapshotName> parents) {
    if (require(active).kind() != SnapshotKind.ACTIVE) {
      throw new WrongState("snapshot " + active + " is committed");
    }
    if (find(committed).isPresent()) {
      throw new AlreadyExists("snapshot " + committed + " already exists");
    }
    requireCommitted(parents);
    unchecked(
        () -> {
          write(active, SnapshotKind.COMMITTED, parents);
          Files.move(folder(active), folder(committed), StandardCopyOption.ATOMIC_MOVE);
        });
  }

  @Override
  public synchronized void remove(SnapshotName name) {
    if (list().stream().anyMatch(info -> info.parents().contains(name))) {
      throw new WrongState("snapshot " + name + " has others stacked on it");
    }
    delete(folder(name));
  }

  @Override
  public synchronized Optional<Info> find(SnapshotName name) {
    Path file = folder(name).resolve("info");
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      List<String> lines = Files.readAllLines(file);
      List<SnapshotName> parents =
          Arrays.stream(lines.get(1).split(" "))
              .filter(text -> !text.isEmpty())
              .map(SnapshotName::new)
              .toList();
      return Optional.of(new Info(name, SnapshotKind.valueOf(lines.getFirst()), parents));
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  @Override
  public synchronized List<Info> list() {
    try (Stream<Path> folders = Files.list(root)) {
      return folders
          .map(folder -> new SnapshotName(folder.getFileName().toString()))
          .flatMap(name -> find(name).stream())
          .toList();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  @Override
  public Path layerDirectory(SnapshotName name) {
    require(name);
    return layer(name);
  }

  @Override
  public WhiteoutStyle whiteoutStyle() {
    return WhiteoutStyle.OVERLAY;
  }

  /// Counts lengths of files, so that tests know what to expect.
  @Override
  public Usage usage(SnapshotName name) {
    require(name);
    try (Stream<Path> files = Files.walk(layer(name))) {
      long bytes = 0;
      long entries = 0;
      for (Path file : files.toList()) {
        entries++;
        bytes += Files.isRegularFile(file) ? Files.size(file) : 0;
      }
      return new Usage(bytes, entries);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  @Override
  public synchronized void retainOnly(List<SnapshotName> names) {
    Set<SnapshotName> kept = Set.copyOf(names);
    try (Stream<Path> folders = Files.list(root)) {
      folders
          .filter(folder -> !kept.contains(new SnapshotName(folder.getFileName().toString())))
          .forEach(FolderSnapshotter::delete);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  @Override
  public void close() {}

  @Override
  public MountedTree mount(List<Mount> list) {
    Mount mount = list.getFirst();
    mounted.incrementAndGet();
    return switch (mount) {
      case Mount.Bind bind -> tree(bind.source(), () -> {});
      case Mount.Overlay overlay -> {
        Path copy;
        synchronized (this) {
          copy = mountRoot.resolve("m" + mounts++);
        }
        overlay.lower().reversed().forEach(lower -> copy(lower, copy));
        overlay.upper().ifPresent(upper -> copy(upper.directory(), copy));
        yield tree(
            copy,
            () ->
                overlay
                    .upper()
                    .ifPresent(upper -> carryBack(copy, overlay.lower(), upper.directory())));
      }
      case Mount.Tmpfs _ -> throw new WrongState("no tmpfs here");
    };
  }

  private MountedTree tree(Path at, Runnable unmount) {
    return new MountedTree() {
      private boolean closed;

      @Override
      public Path root() {
        return at;
      }

      @Override
      public void close() {
        if (!closed) {
          closed = true;
          mounted.decrementAndGet();
          unmount.run();
        }
      }
    };
  }

  private static void copy(Path from, Path to) {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
        }
      }
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private static void carryBack(Path tree, List<Path> topFirst, Path upper) {
    try (Stream<Path> files = Files.walk(tree)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String relative = tree.relativize(file).toString();
        Optional<Path> below =
            topFirst.stream()
                .map(lower -> lower.resolve(relative))
                .filter(Files::exists)
                .findFirst();
        if (below.isEmpty() || Files.mismatch(below.get(), file) >= 0) {
          Path target = upper.resolve(relative);
          Files.createDirectories(target.getParent());
          Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
        }
      }
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private static void delete(Path folder) {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private void write(SnapshotName name, SnapshotKind kind, List<SnapshotName> parents)
      throws IOException {
    Files.writeString(
        folder(name).resolve("info"),
        kind + "\n" + String.join(" ", parents.stream().map(SnapshotName::value).toList()) + "\n");
  }

  private Info require(SnapshotName name) {
    return find(name).orElseThrow(() -> new NotFound("snapshot " + name + " not found"));
  }

  private void requireCommitted(List<SnapshotName> names) {
    for (SnapshotName name : names) {
      if (require(name).kind() != SnapshotKind.COMMITTED) {
        throw new NotFound("snapshot " + name + " is not committed");
      }
    }
  }

  private Path folder(SnapshotName name) {
    return root.resolve(name.value());
  }

  private Path layer(SnapshotName name) {
    return folder(name).resolve("fs");
  }

  private interface Writing {
    void run() throws IOException;
  }

  private static void unchecked(Writing writing) {
    try {
      writing.run();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }
}
