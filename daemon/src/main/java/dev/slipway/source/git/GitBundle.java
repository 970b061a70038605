package dev.slipway.source.git;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.NotFound;
import dev.slipway.failure.WrongState;
import dev.slipway.kernel.TreeRemoval;
import dev.slipway.ref.FetchContext;
import dev.slipway.source.BlobFetch;
import dev.slipway.source.BlobLocator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A bare repository of its own, in scratch space: what a bundle is imported into to be fetched
/// from like a remote, and what a bundle is made from (source/git/bundle.go). Confined to one
/// thread; closing removes it.
final class GitBundle implements AutoCloseable {
  private static final String MAIN = "refs/heads/main";

  private final Path directory;
  private final Path repository;
  private final GitCommand git;

  private GitBundle(Path directory, GitCommand outside) {
    this.directory = directory;
    this.repository = directory.resolve("repo.git");
    this.git = outside.in(repository);
  }

  /// Imports a bundle. Caller closes.
  ///
  /// @param checksum a commit that must be in it
  /// @throws NotFound it is not
  static GitBundle imported(
      BlobLocator locator,
      String checksum,
      GitCommand outside,
      Path scratch,
      BlobFetch blobs,
      FetchContext context) {
    GitBundle bundle = new GitBundle(temporary(scratch), outside);
    try {
      Path file = bundle.directory.resolve("bundle.pack");
      try {
        blobs.fetch(locator, file, context);
      } catch (BuildFailure failure) {
        throw failure.in("failed to fetch git bundle " + locator.reference());
      }
      bundle.init(objectIdLength(outside, file));
      bundle.git.run("fetch", file.toString(), "+refs/*:refs/*");
      if (!bundle.git.succeeds("cat-file", "-e", checksum + "^{commit}")) {
        throw new NotFound("commit " + checksum + " not found in bundle " + locator.reference());
      }
      return bundle;
    } catch (BuildFailure failure) {
      bundle.close();
      throw failure;
    }
  }

  /// A repository that holds one commit of another. Caller closes.
  static GitBundle of(Path source, String commit, GitCommand outside, Path scratch) {
    GitBundle bundle = new GitBundle(temporary(scratch), outside);
    try {
      bundle.init(commit.length());
      bundle.git.run("fetch", "file://" + source, "--", commit);
      return bundle;
    } catch (BuildFailure failure) {
      bundle.close();
      throw failure;
    }
  }

  private static Path temporary(Path scratch) {
    try {
      return Files.createTempDirectory(scratch, "bundle");
    } catch (IOException failed) {
      throw new WrongState("cannot make a directory in " + scratch + ": " + failed, failed);
    }
  }

  private void init(int objectIdLength) {
    try {
      Files.createDirectory(repository);
    } catch (IOException failed) {
      throw new WrongState("cannot make " + repository + ": " + failed, failed);
    }
    List<String> init =
        new ArrayList<>(List.of("-c", "init.defaultBranch=master", "init", "--bare"));
    if (objectIdLength == 64) {
      init.add("--object-format=sha256");
    }
    git.run(init.toArray(String[]::new));
  }

  private static int objectIdLength(GitCommand outside, Path bundle) {
    String first = outside.run("ls-remote", "--", bundle.toString()).lines().findFirst().orElse("");
    String id = first.split("\t", 2)[0];
    if (!GitIdentifier.isCommit(id)) {
      throw new InvalidRequest("failed to inspect git bundle: no refs found");
    }
    return id.length();
  }

  /// As a remote.
  String url() {
    return "file://" + repository;
  }

  /// Writes a bundle whose one ref is the commit's.
  ///
  /// @param ref what the commit was asked for by
  void write(String ref, String commit, Path file) {
    String name = refInBundle(ref);
    git.run("update-ref", name, commit);
    git.run("bundle", "create", file.toString(), name);
  }

  /// A tag stays a tag only where it was named in full: a short name does not tell.
  private static String refInBundle(String ref) {
    if (ref.isEmpty() || GitIdentifier.isCommit(ref)) {
      return MAIN;
    }
    return ref.startsWith("refs/tags/")
        ? ref
        : "refs/heads/" + ref.replaceFirst("^refs/", "").replaceFirst("^heads/", "");
  }

  @Override
  public void close() {
    try {
      TreeRemoval.remove(directory);
    } catch (IOException failed) {
      throw new WrongState("cannot remove " + directory + ": " + failed, failed);
    }
  }
}
