package dev.slipway.source.git;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.NotFound;
import dev.slipway.failure.WrongState;
import dev.slipway.kernel.Kernel;
import dev.slipway.kernel.TreeRemoval;
import dev.slipway.source.git.GitIdentifier.GitDirectory;
import dev.slipway.source.git.GitIdentifier.Submodules;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/// Writes a commit's files into an empty directory (source/git/source.go, `checkout`). Confined to
/// one thread.
final class GitCheckout {
  private final GitIdentifier identifier;
  private final Path repository;
  private final GitCommand outside;
  private final Kernel kernel;

  GitCheckout(GitIdentifier identifier, Path repository, GitCommand outside, Kernel kernel) {
    this.identifier = identifier;
    this.repository = repository;
    this.outside = outside;
    this.kernel = kernel;
  }

  /// @param ref what the commit was fetched as
  /// @param commit identity in the repository: the ref, or the commit where it was fetched by that
  void into(Path target, String ref, String commit) {
    boolean whole = identifier.subdirectory().isEmpty();
    boolean keep = identifier.gitDirectory() == GitDirectory.KEPT && whole;
    try {
      Path tree = whole ? target : Files.createTempDirectory(target, "checkout");
      GitCommand inTree = keep ? cloneInto(tree, ref, commit) : filesInto(tree, commit);
      if (identifier.submodules() == Submodules.CHECKED_OUT) {
        failing(
            "failed to update submodules for ",
            () -> inTree.run("submodule", "update", "--init", "--recursive", "--depth=1"));
      }
      if (!whole) {
        moveUp(tree, target);
      }
      if (identifier.mtime().equals("commit")) {
        // A subdirectory has left the tree that it was checked out in; the repository stays.
        GitCommand git = outside.in(repository);
        setTimes(
            target, Long.parseLong(git.run("log", "-1", "--format=%ct", commit + "^{commit}")));
      }
    } catch (IOException failed) {
      throw new WrongState("cannot check out into " + target + ": " + failed.getMessage(), failed);
    }
  }

  private GitCommand filesInto(Path tree, String commit) {
    GitCommand git = outside.in(repository, tree);
    failing(
        "failed to checkout remote ", () -> git.run("checkout", "--no-overlay", commit, "--", "."));
    return git;
  }

  /// By the file protocol: git's shortcuts for local clones could be made to copy other files of
  /// this machine.
  private GitCommand cloneInto(Path tree, String ref, String commit) throws IOException {
    Path gitDirectory = tree.resolve(".git");
    GitCommand git = outside.in(gitDirectory, tree);
    List<String> init = new ArrayList<>(List.of("-c", "init.defaultBranch=master", "init"));
    if (Files.readString(repository.resolve("config")).contains("sha256")) {
      init.add("--object-format=sha256");
    }
    git.run(init.toArray(String[]::new));
    git.run("remote", "add", "origin", "file://" + repository);
    git.run("fetch", "-u", "--depth=1", "--", "origin", pulled(ref, commit));
    failing("failed to checkout remote ", () -> git.run("checkout", "FETCH_HEAD"));
    git.run("remote", "set-url", "origin", identifier.shownRemote());
    git.run("reflog", "expire", "--all", "--expire=now");
    Files.deleteIfExists(gitDirectory.resolve("FETCH_HEAD"));
    return git;
  }

  private String pulled(String ref, String commit) {
    GitCommand bare = outside.in(repository);
    if (bare.run("cat-file", "-t", commit).equals("tag")) {
      return ref + ":" + (ref.startsWith("refs/tags/") ? ref : "refs/tags/" + ref);
    }
    if (!ref.equals(commit)) {
      return commit + ":" + ref;
    }
    if (GitIdentifier.isCommit(ref)) {
      String made = "refs/buildkit/" + UUID.randomUUID();
      bare.run("update-ref", made, ref);
      return made;
    }
    return ref + ":" + ref;
  }

  private void failing(String what, Runnable work) {
    try {
      work.run();
    } catch (BuildFailure failure) {
      throw failure.in(what + identifier.shownRemote());
    }
  }

  /// Puts the subdirectory's content in the place of everything; no component of it may be a link.
  private void moveUp(Path tree, Path target) throws IOException {
    Path wanted = tree;
    for (String part : identifier.subdirectory().split("/")) {
      wanted = wanted.resolve(part);
      if (!Files.exists(wanted, LinkOption.NOFOLLOW_LINKS)) {
        throw new NotFound(
            "subdir " + identifier.subdirectory() + " is not in " + identifier.shownRemote());
      }
      if (!Files.isDirectory(wanted, LinkOption.NOFOLLOW_LINKS)) {
        throw new InvalidRequest(
            "git subpath \""
                + identifier.subdirectory()
                + "\" contains non-directory \""
                + part
                + "\"");
      }
    }
    Path aside = target.resolve(tree.getFileName() + ".d");
    Files.move(wanted, aside);
    TreeRemoval.remove(tree);
    try (Stream<Path> children = Files.list(aside)) {
      for (Path child : children.toList()) {
        Files.move(child, target.resolve(child.getFileName()));
      }
    }
    Files.delete(aside);
  }

  /// Children before their directories, whose times they would change.
  private void setTimes(Path target, long seconds) throws IOException {
    long nanos = seconds * 1_000_000_000L;
    Files.walkFileTree(
        target,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            kernel.setModifiedTime(file, nanos);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, IOException failed)
              throws IOException {
            if (failed != null) {
              throw failed;
            }
            kernel.setModifiedTime(directory, nanos);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
