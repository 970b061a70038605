package dev.slipway.op.file;

import dev.slipway.executor.ContainerUser;
import dev.slipway.executor.UserLookup;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.NotFound;
import dev.slipway.kernel.FileAttributes;
import dev.slipway.kernel.Kernel;
import dev.slipway.kernel.Kernel.LastLink;
import dev.slipway.llb.FileAction;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// Runs the actions of a file op on mounted trees. Stateless; thread-safe as long as nobody else
/// writes the same tree.
public final class FileActions {
  private final Kernel kernel;
  private final FileCalls calls;

  public FileActions(Kernel kernel) {
    this.kernel = kernel;
    this.calls = new FileCalls(kernel);
  }

  /// The trees an action works on, as host paths.
  ///
  /// @param target what is changed
  /// @param source what is copied from; needed by copies only
  /// @param users whose `/etc/passwd` knows the owner's name; needed when the owner is given by
  ///   name
  /// @param groups whose `/etc/group` knows the group's name
  public record Roots(
      Path target, Optional<Path> source, Optional<Path> users, Optional<Path> groups) {}

  /// Runs one action to its end. After a failure the target may be half changed. Paths in failures
  /// are those of the trees.
  ///
  /// @throws BuildFailure in BuildKit's words
  public void run(FileAction action, Roots roots) {
    try {
      switch (action) {
        case FileAction.Copy copy -> copy(copy, roots);
        case FileAction.Mkfile mkfile -> makeFile(mkfile, roots);
        case FileAction.Mkdir mkdir -> makeDirectory(mkdir, roots);
        case FileAction.Rm rm -> remove(rm, roots.target());
        case FileAction.Symlink symlink -> makeSymlink(symlink, roots);
      }
    } catch (BuildFailure failure) {
      throw withoutHostPaths(failure, roots);
    }
  }

  private void copy(FileAction.Copy copy, Roots roots) {
    Path source =
        roots.source().orElseThrow(() -> new InvalidRequest("copy without a source tree"));
    Optional<ModeChange> mode =
        copy.modeText().isEmpty()
            ? copy.mode().stream().mapToObj(ModeChange::to).findFirst()
            : Optional.of(ModeChange.parse(copy.modeText()));
    var attributes = new NewAttributes(owner(copy.owner(), roots), mode, copy.timestamp());
    new CopyAction(kernel, copy, attributes, source, roots.target()).run();
  }

  private void makeFile(FileAction.Mkfile mkfile, Roots roots) {
    Path path = kernel.resolveInRoot(roots.target(), mkfile.path(), LastLink.FOLLOW);
    boolean made = calls.find(path).isEmpty();
    calls.write(path, mkfile.data().toByteArray());
    if (made) {
      kernel.setMode(path, mkfile.mode() & 0777);
    }
    made(mkfile.owner(), mkfile.timestamp(), roots).applyToMade(kernel, path);
  }

  private void makeDirectory(FileAction.Mkdir mkdir, Roots roots) {
    Path path = kernel.resolveInRoot(roots.target(), mkdir.path(), LastLink.FOLLOW);
    NewAttributes attributes = made(mkdir.owner(), mkdir.timestamp(), roots);
    int mode = mkdir.mode() & 0777;
    if (mkdir.makeParents()) {
      new DirectoryMaker(kernel, calls).make(roots.target(), path, mode, attributes);
    } else if (calls.find(path).isEmpty()) {
      calls.makeDirectory(path, mode);
      attributes.applyToMade(kernel, path);
    }
  }

  private void makeSymlink(FileAction.Symlink symlink, Roots roots) {
    Path path = kernel.resolveInRoot(roots.target(), symlink.path(), LastLink.FOLLOW);
    calls.makeSymlink(path, symlink.target());
    made(symlink.owner(), symlink.timestamp(), roots).applyToMade(kernel, path);
  }

  private void remove(FileAction.Rm rm, Path root) {
    List<String> paths =
        rm.allowWildcard()
            ? new Wildcards(kernel, calls).resolve(root, TreePath.clean(rm.path()), LastLink.KEEP)
            : List.of(rm.path());
    for (String path : paths) {
      Path entry = kernel.resolveInRoot(root, path, LastLink.KEEP);
      if (entry.equals(root)) {
        throw new InvalidRequest("rmPath: invalid empty path");
      }
      Optional<FileAttributes> found = calls.find(entry);
      if (found.isEmpty() && !rm.allowNotFound()) {
        throw new NotFound("stat " + entry + ": no such file or directory");
      }
      calls.removeAll(entry);
    }
  }

  private NewAttributes made(Optional<FileAction.Chown> owner, OptionalLong time, Roots roots) {
    return new NewAttributes(owner(owner, roots), Optional.empty(), time);
  }

  /// Rules of `solver/llbsolver/ops/user_linux.go`: a user given by number is a group of that
  /// number too, names that nobody knows are root.
  private Optional<NewAttributes.Owner> owner(Optional<FileAction.Chown> wanted, Roots roots) {
    if (wanted.isEmpty()) {
      return Optional.empty();
    }
    long uid = 0;
    long gid = 0;
    switch (wanted.get().user().orElse(new FileAction.Owner.ById(0))) {
      case FileAction.Owner.ById number -> {
        uid = number.id();
        gid = number.id();
      }
      case FileAction.Owner.ByName named -> {
        Path root =
            roots.users().orElseThrow(() -> new InvalidRequest("invalid missing user mount"));
        Optional<ContainerUser> user = new UserLookup(kernel, root).named(named.name());
        uid = user.map(ContainerUser::uid).orElse(0L);
        gid = user.map(ContainerUser::gid).orElse(0L);
      }
    }
    if (wanted.get().group().isPresent()) {
      gid =
          switch (wanted.get().group().get()) {
            case FileAction.Owner.ById number -> number.id();
            case FileAction.Owner.ByName named -> {
              Path root =
                  roots
                      .groups()
                      .orElseThrow(() -> new InvalidRequest("invalid missing group mount"));
              yield new UserLookup(kernel, root).groupNamed(named.name()).orElse(gid);
            }
          };
    }
    return Optional.of(new NewAttributes.Owner((int) uid, (int) gid));
  }

  /// Where trees are on this machine is nobody's business, and differs from build to build.
  private static BuildFailure withoutHostPaths(BuildFailure failure, Roots roots) {
    List<String> hostPaths = new ArrayList<>();
    hostPaths.add(roots.target().toString());
    roots.source().ifPresent(source -> hostPaths.add(source.toString()));
    hostPaths.sort(Comparator.comparingInt(String::length).reversed());
    String text = failure.text();
    for (String hostPath : hostPaths) {
      text = text.replace(hostPath + "/", "/").replace(hostPath, "/");
    }
    return BuildFailure.of(failure.kind(), text, Optional.of(failure), failure.facts());
  }
}
