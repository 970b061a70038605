package dev.slipway.source.local;

import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.NotFound;
import dev.slipway.fsutil.FileMode;
import dev.slipway.fsutil.ReceiveTarget;
import dev.slipway.fsutil.Stat;
import dev.slipway.kernel.FileAttributes;
import dev.slipway.kernel.Kernel;
import dev.slipway.kernel.TreeRemoval;
import dev.slipway.oci.Digest;
import dev.slipway.source.local.LocalIdentifier.Compare;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Brings a tree on disk to what a client has: writes what differs, removes what is gone. Confined
/// to one thread, that of the transfer.
///
/// Content is written by [FileWriters]; everything that depends on it (hard links, times of
/// directories, removals) waits for [#complete].
final class TreeReceiver implements ReceiveTarget {
  private final Path root;
  private final Tools tools;
  private final Compare compare;
  private final SyncedTree before;
  private final List<String> beforeInOrder;
  private final SyncedTree now = SyncedTree.empty(SyncedTree.Origin.SYNCHRONISED);
  private final List<Stat> links = new ArrayList<>();
  private final List<Stat> keptLinks = new ArrayList<>();
  private final Set<String> written = new HashSet<>();
  private final Set<String> touched = new HashSet<>();

  record Tools(EntryAttributes attributes, FileWriters writers, ReceivedDigests.Receiving digests) {
    Kernel kernel() {
      return attributes.kernel();
    }
  }

  /// @param before what the tree holds now; taken over
  TreeReceiver(Path root, SyncedTree before, Compare compare, Tools tools) {
    this.root = root;
    this.tools = tools;
    this.compare = compare;
    this.before = before;
    this.beforeInOrder = new ArrayList<>(before.entries().keySet());
  }

  @Override
  public Wish entry(Stat stat) {
    Optional<Stat> old = Optional.ofNullable(before.entries().remove(stat.path()));
    FileAttributes.Type type = EntryAttributes.type(stat);
    if (old.isPresent() && same(old.get(), stat, type)) {
      keep(old.get(), stat, type);
      return Wish.NOTHING;
    }
    boolean directoryStays =
        type == FileAttributes.Type.DIRECTORY && old.isPresent() && old.get().isDirectory();
    if (!directoryStays) {
      tools.digests().changing(stat.path());
      old.ifPresent(this::removeNow);
    }
    return make(stat, type, directoryStays);
  }

  private boolean same(Stat old, Stat stat, FileAttributes.Type type) {
    if (!old.looksLike(stat)) {
      return false;
    }
    if (type != FileAttributes.Type.FILE) {
      return true;
    }
    return stat.isHardLink() ? !written.contains(stat.linkName()) : compare == Compare.METADATA;
  }

  private void keep(Stat old, Stat stat, FileAttributes.Type type) {
    if (old.modifiedNanos() != stat.modifiedNanos()) {
      touched.add(stat.path());
    }
    now.add(stat);
    boolean digestMissing =
        before.origin() == SyncedTree.Origin.READ && tools.digests().known(stat.path()).isEmpty();
    if (!digestMissing) {
      return;
    }
    if (type != FileAttributes.Type.FILE) {
      tellOf(stat);
    } else if (stat.isHardLink()) {
      keptLinks.add(stat);
    } else {
      tools.writers().rehash(root.resolve(stat.path()), stat);
    }
  }

  private void tellOf(Stat stat) {
    tools.digests().entry(stat, Digest.ofSha256(tools.digests().start(stat)));
  }

  private Wish make(Stat stat, FileAttributes.Type type, boolean directoryStays) {
    Path path = root.resolve(stat.path());
    now.add(stat);
    written.add(stat.path());
    touchParent(stat.path());
    try {
      return switch (type) {
        case DIRECTORY -> makeDirectory(path, stat, directoryStays);
        case FILE -> makeFile(path, stat);
        case SYMLINK -> {
          Files.createSymbolicLink(path, Path.of(stat.linkName()));
          tools.attributes().completeLink(path, stat);
          tellOf(stat);
          yield Wish.NOTHING;
        }
        case CHARACTER_DEVICE, BLOCK_DEVICE, NAMED_PIPE -> makeNode(path, stat, type);
        case SOCKET ->
            throw new InvalidRequest(
                "the client sent "
                    + stat.path()
                    + ", which is no file, directory, link, device or pipe");
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
    tellOf(stat);
    return Wish.NOTHING;
  }

  private Wish makeFile(Path path, Stat stat) {
    if (stat.isHardLink()) {
      links.add(stat);
      return Wish.NOTHING;
    }
    if (stat.size() == 0) {
      tools.writers().create(path, stat).finish();
      return Wish.NOTHING;
    }
    return Wish.CONTENT;
  }

  @Override
  public Content content(Stat stat) {
    return tools.writers().create(root.resolve(stat.path()), stat);
  }

  private Wish makeNode(Path path, Stat stat, FileAttributes.Type type) {
    tools
        .kernel()
        .makeNode(
            path,
            type,
            FileMode.posixPermissions(stat.mode()),
            (int) stat.deviceMajor(),
            (int) stat.deviceMinor());
    tools.attributes().replace(path, stat);
    tools.kernel().setModifiedTime(path, stat.modifiedNanos());
    tellOf(stat);
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
    keptLinks.forEach(this::tellOfLink);
    for (String path : beforeInOrder.reversed()) {
      if (before.entries().containsKey(path)) {
        tools.digests().changing(path);
        removeOne(root.resolve(path));
        touchParent(path);
      }
    }
    for (String path : touched) {
      Stat stat = now.entries().get(path);
      if (stat != null && stat.isDirectory()) {
        tools.kernel().setModifiedTime(root.resolve(path), stat.modifiedNanos());
      }
    }
    tools.digests().finish();
  }

  private void makeLink(Stat link) {
    Stat target = now.entries().get(link.linkName());
    if (target == null || !target.isRegular() || target.isHardLink()) {
      throw new InvalidRequest(
          "the client sent "
              + link.path()
              + " as a link to "
              + link.linkName()
              + ", which it did not send as a file");
    }
    tools.kernel().makeHardLink(root.resolve(link.path()), root.resolve(link.linkName()));
    tellOfLink(link);
  }

  private void tellOfLink(Stat link) {
    tools.digests().known(link.linkName()).ifPresent(digest -> tools.digests().entry(link, digest));
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
    before.entries().keySet().removeIf(other -> other.startsWith(below));
    try {
      TreeRemoval.remove(path);
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
}
