package dev.slipway.op.file;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.NotFound;
import dev.slipway.kernel.FileAttributes;
import dev.slipway.kernel.Kernel;
import dev.slipway.kernel.Kernel.LastLink;
import dev.slipway.llb.FileAction;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The copy action: finds what its source means, decides where each match goes, and copies or
/// unpacks it.
final class CopyAction {
  private static final int DEFAULT_DIRECTORY_MODE = 0755;

  private final Kernel kernel;
  private final FileCalls calls;
  private final FileAction.Copy action;
  private final NewAttributes attributes;
  private final Path sourceRoot;
  private final Path targetRoot;

  CopyAction(
      Kernel kernel,
      FileAction.Copy action,
      NewAttributes attributes,
      Path sourceRoot,
      Path targetRoot) {
    this.kernel = kernel;
    this.calls = new FileCalls(kernel);
    this.action = action;
    this.attributes = attributes;
    this.sourceRoot = sourceRoot;
    this.targetRoot = targetRoot;
  }

  void run() {
    requireTargetParent();
    String source = TreePath.clean(action.source());
    String target = TreePath.clean(action.destination());
    LastLink last = action.options().followSymlink() ? LastLink.FOLLOW : LastLink.KEEP;
    List<String> sources = List.of(source);
    if (action.options().allowWildcard()) {
      sources = new Wildcards(kernel, calls).resolve(sourceRoot, source, last);
      if (sources.isEmpty()) {
        if (action.options().allowEmptyWildcard()) {
          return;
        }
        throw new NotFound(source + " not found");
      }
    }
    for (String each : sources) {
      if (!action.options().attemptUnpack() || !unpack(each, target)) {
        copy(each, target, last);
      }
    }
  }

  private void requireTargetParent() {
    if (action.options().createDestPath()) {
      return;
    }
    Path target = kernel.resolveInRoot(targetRoot, action.destination(), LastLink.FOLLOW);
    try {
      kernel.attributes(target.equals(targetRoot) ? target : FileCalls.parent(target));
    } catch (BuildFailure failure) {
      throw failure.in("failed to stat " + action.destination());
    }
  }

  private boolean unpack(String source, String target) {
    Path file = kernel.resolveInRoot(sourceRoot, source, LastLink.FOLLOW);
    if (!calls.find(file).map(FileAttributes::isFile).orElse(false)
        || !ArchiveUnpack.isArchive(file)) {
      return false;
    }
    Path directory = kernel.resolveInRoot(targetRoot, target, LastLink.FOLLOW);
    new DirectoryMaker(kernel, calls)
        .make(targetRoot, directory, DEFAULT_DIRECTORY_MODE, attributes);
    new ArchiveUnpack(kernel, attributes.owner(), directory).unpack(file);
    return true;
  }

  private void copy(String source, String target, LastLink last) {
    List<Path> made = new ArrayList<>();
    String holder = TreePath.directoryOf(target);
    if (!holder.isEmpty()) {
      made.addAll(makeDirectories(kernel.resolveInRoot(targetRoot, holder, LastLink.FOLLOW)));
    }
    Path resolved = kernel.resolveInRoot(targetRoot, target, LastLink.FOLLOW);
    Path from = kernel.resolveInRoot(sourceRoot, source, last);
    FileAttributes what = kernel.attributes(from);
    Path to = place(source, what, resolved);
    boolean intoNew =
        action.options().dirCopyContents() && what.isDirectory() && calls.find(resolved).isEmpty();
    made.addAll(makeDirectories(intoNew || to.equals(targetRoot) ? to : FileCalls.parent(to)));
    CopyFilter filter = CopyFilter.of(action.includePatterns(), action.excludePatterns());
    TreeCopy.Replacing replacing =
        action.options().alwaysReplaceExistingDestPaths()
            ? TreeCopy.Replacing.ANYTHING
            : TreeCopy.Replacing.SAME_KIND;
    new TreeCopy(kernel, attributes, filter, replacing).copy(from, to);
    new DirectoryMaker(kernel, calls).restoreTimes(made, attributes);
  }

  /// The directory itself goes into an existing one unless its contents are asked for; a file goes
  /// into an existing directory.
  private Path place(String source, FileAttributes what, Path resolved) {
    Optional<FileAttributes> there = calls.find(resolved);
    boolean inside =
        what.isDirectory()
            ? !action.options().dirCopyContents() && there.isPresent()
            : there.map(FileAttributes::isDirectory).orElse(false);
    String name = TreePath.lastName(source);
    return inside && !name.isEmpty() ? resolved.resolve(name) : resolved;
  }

  private List<Path> makeDirectories(Path directory) {
    int mode =
        attributes
            .mode()
            .map(change -> change.apply(DEFAULT_DIRECTORY_MODE, true))
            .orElse(DEFAULT_DIRECTORY_MODE);
    return new DirectoryMaker(kernel, calls)
        .make(
            targetRoot,
            directory,
            action.mode().isPresent() && action.modeText().isEmpty()
                ? mode
                : DEFAULT_DIRECTORY_MODE,
            attributes);
  }
}
