package dev.slipway.op.file;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.WrongState;
import dev.slipway.kernel.FileAttributes;
import dev.slipway.kernel.Kernel;
import dev.slipway.task.Interruption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Copies one entry with everything below it, as `cp -a` does: owners, modes, times, extended
/// attributes, hard links among the copied files, holes. Directories that are there already are
/// merged into; links in the target tree are replaced, never followed.
///
/// Semantics of `copier` in `github.com/tonistiigi/fsutil/copy` (copy.go). For one copy; confined
/// to one thread.
final class TreeCopy {
  private static final Logger log = LoggerFactory.getLogger(TreeCopy.class);

  private final Kernel kernel;
  private final FileCalls calls;
  private final NewAttributes attributes;
  private final CopyFilter filter;
  private final Replacing replacing;

  /// First copy of each file that has several names in the source.
  private final Map<FileId, Path> linked = new HashMap<>();

  /// Directories above the entry being copied, outermost first; made late when only some of what is
  /// below is wanted.
  private final List<Parent> parents = new ArrayList<>();

  private boolean extendedAttributesFail;

  enum Replacing {
    /// A file does not replace a directory, nor the other way round.
    SAME_KIND,
    ANYTHING
  }

  /// What an existing directory's own attributes become.
  private enum Existing {
    /// They are its own, but its time becomes that of the source.
    KEPT,
    OVERWRITTEN
  }

  private record FileId(long device, long inode) {}

  private static final class Parent {
    private final Path source;
    private final Path target;
    private boolean made;

    Parent(Path source, Path target) {
      this.source = source;
      this.target = target;
    }
  }

  TreeCopy(Kernel kernel, NewAttributes attributes, CopyFilter filter, Replacing replacing) {
    this.kernel = kernel;
    this.calls = new FileCalls(kernel);
    this.attributes = attributes;
    this.filter = filter;
    this.replacing = replacing;
  }

  /// @param source host path, not followed when a link
  /// @param target host path; its parent exists
  void copy(Path source, Path target) {
    copy(source, "", target, Existing.KEPT, CopyFilter.Verdict.TOP);
  }

  private void copy(
      Path source, String path, Path target, Existing existing, CopyFilter.Verdict parent) {
    Interruption.check();
    CopyFilter.Verdict verdict = path.isEmpty() ? parent : filter.judge(path, parent);
    if (verdict.pruned() && !verdict.wanted()) {
      return;
    }
    FileAttributes from = kernel.attributes(source);
    if (!verdict.wanted() && !from.isDirectory()) {
      return;
    }
    Optional<FileAttributes> there = calls.find(target);
    if (verdict.wanted()) {
      if (replacing == Replacing.ANYTHING
          && there.isPresent()
          && !(from.isDirectory() && there.get().isDirectory())) {
        calls.removeAll(target);
        there = Optional.empty();
      }
      makeParents(existing);
    }
    if (from.isDirectory()) {
      copyDirectory(source, path, target, from, there, existing, verdict);
      return;
    }
    if (there.isPresent()) {
      if (there.get().isDirectory()) {
        throw new WrongState("cannot replace to directory " + target + " with file");
      }
      calls.remove(target);
    }
    copyEntry(source, target, from);
  }

  private void copyEntry(Path source, Path target, FileAttributes from) {
    switch (from.type()) {
      case FILE -> {
        if (from.links() > 1) {
          Path first = linked.putIfAbsent(new FileId(from.device(), from.inode()), target);
          if (first != null) {
            kernel.makeHardLink(target, first);
            return; // attributes belong to the file, which has them already
          }
        }
        kernel.copyContents(source, target);
      }
      case SYMLINK -> calls.makeSymlink(target, calls.linkTarget(source).toString());
      case CHARACTER_DEVICE, BLOCK_DEVICE ->
          kernel.makeNode(target, from.type(), from.mode(), from.rdevMajor(), from.rdevMinor());
      case NAMED_PIPE -> kernel.makeNode(target, from.type(), from.mode(), 0, 0);
      // A socket means nothing without its process, so an empty file stands for it.
      case SOCKET -> calls.write(target, new byte[0]);
      case DIRECTORY -> throw new IllegalStateException("directories are copied elsewhere");
    }
    finish(source, target, from);
  }

  private void copyDirectory(
      Path source,
      String path,
      Path target,
      FileAttributes from,
      Optional<FileAttributes> there,
      Existing existing,
      CopyFilter.Verdict verdict) {
    boolean made = verdict.wanted() && makeDirectory(target, from, there, existing);
    var parent = new Parent(source, target);
    parent.made = verdict.wanted();
    parents.add(parent);
    if (!verdict.pruned()) {
      String prefix = path.isEmpty() ? "" : path + "/";
      for (Path child : calls.children(source)) {
        String name = child.getFileName().toString();
        copy(
            child,
            prefix + name,
            target.resolve(child.getFileName()),
            Existing.OVERWRITTEN,
            verdict);
      }
    }
    parents.removeLast();
    if (made || (verdict.wanted() && existing == Existing.OVERWRITTEN)) {
      finish(source, target, from);
    } else if (there.isPresent() && existing == Existing.KEPT) {
      attributes.applyTime(kernel, from, target);
    }
  }

  /// @return whether it was not there before
  private boolean makeDirectory(
      Path target, FileAttributes from, Optional<FileAttributes> there, Existing existing) {
    if (there.isEmpty()) {
      calls.makeDirectory(target, from.mode());
      return true;
    }
    if (!there.get().isDirectory()) {
      throw new WrongState("cannot copy to non-directory: " + target);
    }
    if (existing == Existing.OVERWRITTEN) {
      kernel.setMode(target, from.mode());
    }
    return false;
  }

  /// Directories on the way to something wanted that were not wanted for themselves.
  private void makeParents(Existing existing) {
    for (Parent parent : parents) {
      if (!parent.made) {
        FileAttributes from = kernel.attributes(parent.source);
        if (makeDirectory(parent.target, from, calls.find(parent.target), existing)) {
          finish(parent.source, parent.target, from);
        }
        parent.made = true;
      }
    }
  }

  private void finish(Path source, Path target, FileAttributes from) {
    attributes.applyToCopied(kernel, from, target);
    copyExtendedAttributes(source, target);
  }

  /// As far as the target's file system takes them.
  private void copyExtendedAttributes(Path source, Path target) {
    try {
      for (Map.Entry<String, byte[]> each : kernel.extendedAttributes(source).entrySet()) {
        // Marks of overlayfs in a layer seen directly are not part of the tree.
        if (!each.getKey().startsWith("trusted.overlay.")) {
          kernel.setExtendedAttribute(target, each.getKey(), each.getValue());
        }
      }
    } catch (BuildFailure failure) {
      if (!extendedAttributesFail) {
        extendedAttributesFail = true;
        log.debug("extended attributes are not copied: {}", failure.text());
      }
    }
  }
}
