package dev.slipway.source.local;

import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.NotFound;
import dev.slipway.fsutil.FileMode;
import dev.slipway.fsutil.ReceiveTarget;
import dev.slipway.fsutil.Stat;
import dev.slipway.kernel.FileAttributes;
import dev.slipway.kernel.Kernel;
import dev.slipway.source.local.LocalIdentifier.Compare;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Brings a tree on disk to what a client has: writes what differs, removes what is gone. Confined to one thread, that of the transfer.
///
/// Content is written by [FileWriters]; everything that depends on it (hard links, times of directories, removals) waits for [#complete].
final class TreeReceiver implements ReceiveTarget {
  private final Path root;
  private final Tools tools;
  private final Compare compare;
  private final Map<String, SyncedTree.Entry> before;
  private final List<String> beforeInOrder;
  private final SyncedTree now = new SyncedTree();
  private final List<SyncedTree.Entry> links = new ArrayList<>();
  private final Set<String> written = new HashSet<>();
  private final Set<String> touched = new HashSet<>();

  record Tools(EntryAttributes attributes, FileWriters writers, ReceivedDigests digests) {
    Kernel kernel() {
      return attributes.kernel();
    }
  }

  /// @param before what the tree holds now; taken over
  TreeReceiver(Path root, SyncedTree before, Compare compare, Tools tools) {
    this.root = root;
    this.tools = tools;
    this.compare = compare;
    this.before = before.entries();
    this.beforeInOrder = new ArrayList<>(before.entries().keySet());
  }

  @Override
  public Wish entry(Stat stat) {
    Optional<SyncedTree.Entry> old = Optional.ofNullable(before.remove(stat.path()));
    FileAttributes.Type type = EntryAttributes.type(stat);
    if (old.isPresent() && same(old.get().stat(), stat, type)) {
      keep(old.get(), stat);
      return Wish.NOTHING;
    }
    boolean directoryStays = type == FileAttributes.Type.DIRECTORY && old.isPresent() && old.get().stat().isDirectory();
    if (old.isPresent() && !directoryStays) {
      removeNow(old.get().stat());
    }
    return make(stat, type, directoryStays);
  }

  private boolean same(Stat old, Stat stat, FileAttributes.Type type) {
    if (!old.looksLike(stat)) {
      return false;
    }
    boolean file = type == FileAttributes.Type.FILE;
    boolean link = file && stat.isHardLink();
    return link ? !written.contains(stat.linkName()) : !file || compare == Compare.METADATA;
  }

  private void keep(SyncedTree.Entry old, Stat stat) {
    if (old.stat().modifiedNanos() != stat.modifiedNanos()) {
      touched.add(stat.path());
    }
    now.add(old.stat().equals(stat) ? old : new SyncedTree.Entry(stat, old.digest()));
  }

  private Wish make(Stat stat, FileAttributes.Type type, boolean directoryStays) {
    SyncedTree.Entry entry = new SyncedTree.Entry(stat, Optional.empty());
    Path path = root.resolve(stat.path());
    now.add(entry);
    written.add(stat.path());
    touchParent(stat.path());
    try {
      return switch (type) {
        case DIRECTORY -> makeDirectory(path, stat, directoryStays);
        case FILE -> makeFile(path, entry);
        case SYMLINK -> {
          Files.createSymbolicLink(path, Path.of(stat.linkName()));
          tools.attributes().completeLink(path, stat);
          yield Wish.NOTHING;
        }
        case CHARACTER_DEVICE, BLOCK_DEVICE, NAMED_PIPE -> makeNode(path, stat, type);
        case SOCKET -> throw new InvalidRequest("the client sent " + stat.path() + ", which is no file, directory, link, device or pipe");
      };
    } catch (IOException failed) {
      throw WriteFailures.of(failed, path);
    }
  }

  private Wish makeDirectory(Path path, Stat stat, boolean stays) throws IOException {
    if (stays) {
      tools.attributes().replace(path, stat);
    } else {
      Files.createDirectory(path, tools.attributes().creation(stat));
      tools.attributes().complete(path, stat);
    }
    touched.add(stat.path());
    return Wish.NOTHING;
  }

  private Wish makeFile(Path path, SyncedTree.Entry entry) {
    if (entry.stat().isHardLink()) {
      links.add(entry);
      return Wish.NOTHING;
    }
    if (entry.stat().size() == 0) {
      tools.writers().create(path, entry, tools.digests().begin(entry.stat())).finish();
      return Wish.NOTHING;
    }
    return Wish.CONTENT;
  }

  @Override
  public Content content(Stat stat) {
    SyncedTree.Entry entry = now.entries().get(stat.path());
    return tools.writers().create(root.resolve(stat.path()), entry, tools.digests().begin(stat));
  }

  private Wish makeNode(Path path, Stat stat, FileAttributes.Type type) {
    tools.kernel().makeNode(path, type, FileMode.posixPermissions(stat.mode()), (int) stat.deviceMajor(), (int) stat.deviceMinor());
    tools.attributes().replace(path, stat);
    tools.kernel().setModifiedTime(path, stat.modifiedNanos());
    return Wish.NOTHING;
  }

  @Override
  public void announced() {
    // Removals wait for the end, so that a transfer that breaks off removes nothing.
  }

  /// What the tree holds; to be asked for after the end.
  SyncedTree tree() {
    return now;
  }

  @Override
  public void complete() {
    tools.writers().finish();
    links.forEach(this::makeLink);
    for (String path : beforeInOrder.reversed()) {
      SyncedTree.Entry gone = before.get(path);
      if (gone != null) {
        removeOne(root.resolve(path));
        touchParent(path);
      }
    }
    for (String path : touched) {
      SyncedTree.Entry entry = now.entries().get(path);
      if (entry != null && entry.stat().isDirectory()) {
        tools.kernel().setModifiedTime(root.resolve(path), entry.stat().modifiedNanos());
      }
    }
  }

  private void makeLink(SyncedTree.Entry link) {
    SyncedTree.Entry target = now.entries().get(link.stat().linkName());
    if (target == null || EntryAttributes.type(target.stat()) != FileAttributes.Type.FILE) {
      throw new InvalidRequest("the client sent " + link.stat().path() + " as a link to " + link.stat().linkName() + ", which it did not send");
    }
    tools.kernel().makeHardLink(root.resolve(link.stat().path()), root.resolve(link.stat().linkName()));
    target.digest().ifPresent(link::hashed);
  }

  private void touchParent(String path) {
    int slash = path.lastIndexOf('/');
    if (slash > 0) {
      touched.add(path.substring(0, slash));
    }
  }

  /// Removes an entry that something else takes the place of, with all below it.
  private void removeNow(Stat old) {
    Path path = root.resolve(old.path());
    if (!old.isDirectory()) {
      removeOne(path);
      return;
    }
    String below = old.path() + "/";
    before.keySet().removeIf(other -> other.startsWith(below));
    try {
      Files.walkFileTree(path, new Removal());
    } catch (IOException failed) {
      throw WriteFailures.of(failed, path);
    }
  }

  private static void removeOne(Path path) {
    try {
      Files.delete(path);
    } catch (NoSuchFileException gone) {
      throw new NotFound("the synchronised tree has lost " + path, gone);
    } catch (IOException failed) {
      throw WriteFailures.of(failed, path);
    }
  }

  /// Deletes bottom up, following no links.
  private static final class Removal extends SimpleFileVisitor<Path> {
    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      Files.delete(file);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path directory, IOException failed) throws IOException {
      if (failed != null) {
        throw failed;
      }
      Files.delete(directory);
      return FileVisitResult.CONTINUE;
    }
  }
}
