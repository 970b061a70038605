package dev.slipway.source.git;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.CorruptData;
import dev.slipway.failure.WrongState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Brings one commit into the bare repository that is kept for its remote (source/git/source.go,
/// `tryRemoteFetch`). Confined to one thread; nobody else uses the repository meanwhile.
final class GitFetch {
  private final GitIdentifier identifier;
  private final ResolvedCommit wanted;
  private final Path repository;
  private final String origin;
  private final GitCommand git;

  /// @param origin URL to fetch from, or the name of the remote
  GitFetch(
      GitIdentifier identifier,
      ResolvedCommit wanted,
      Path repository,
      String origin,
      GitCommand outside) {
    this.origin = origin;
    this.identifier = identifier;
    this.wanted = wanted;
    this.repository = repository;
    this.git = outside.in(repository);
  }

  /// Thrown when what the kept repository holds stands in the way; a fresh one helps.
  static final class InTheWay extends Exception {
    private static final long serialVersionUID = 1;

    InTheWay(BuildFailure failure) {
      super(failure);
    }
  }

  /// @param ref what to call the commit by, a default branch filled in
  /// @throws InTheWay the remote has replaced a tag, or a branch by a directory of branches
  void run(String ref) throws InTheWay {
    prepare();
    String fetched = identifier.fetchByCommit() ? wanted.object() : ref;
    if (GitIdentifier.isCommit(fetched)
        && !(needsHistory() && isShallow())
        && git.succeeds("cat-file", "-e", fetched + "^{commit}")) {
      return;
    }
    try {
      git.run(arguments(ref, fetched).toArray(String[]::new));
    } catch (BuildFailure failure) {
      BuildFailure shown = failure.in("failed to fetch remote " + identifier.shownRemote());
      if (isInTheWay(failure.text())) {
        throw new InTheWay(shown);
      }
      throw shown;
    }
    holdTo(fetched, target(ref));
  }

  private void prepare() {
    try {
      if (!Files.exists(repository.resolve("HEAD"))) {
        List<String> init =
            new ArrayList<>(List.of("-c", "init.defaultBranch=master", "init", "--bare"));
        if (wanted.object().length() == 64) {
          init.add("--object-format=sha256");
        }
        git.run(init.toArray(String[]::new));
        git.run("remote", "add", "origin", identifier.remote());
      }
      Files.deleteIfExists(repository.resolve("shallow.lock"));
    } catch (IOException failed) {
      throw new WrongState("cannot prepare " + repository + ": " + failed.getMessage(), failed);
    }
  }

  /// A bundle without the commits before would be of no use to a repository that lacks them.
  private boolean needsHistory() {
    return identifier.form() == GitIdentifier.Form.BUNDLE;
  }

  private boolean isShallow() {
    return Files.exists(repository.resolve("shallow"));
  }

  private List<String> arguments(String ref, String fetched) {
    List<String> arguments = new ArrayList<>(List.of("fetch"));
    boolean one = identifier.fetchByCommit() || !GitIdentifier.isCommit(fetched);
    arguments.add(one ? "--no-tags" : "--tags");
    if (one && !needsHistory()) {
      arguments.add("--depth=1");
    } else if (isShallow()) {
      arguments.add("--unshallow");
    }
    arguments.add(origin);
    if (GitIdentifier.isCommit(ref)) {
      arguments.add(ref);
    } else {
      arguments.addAll(List.of("--force", "--", fetched + ":" + target(ref)));
    }
    return arguments;
  }

  /// Refs are kept so that the next fetch can tell the server what is here.
  private static String target(String ref) {
    return ref.startsWith("refs/tags/") ? ref : "tags/" + ref;
  }

  private static boolean isInTheWay(String text) {
    boolean tag = text.contains("rejected") && text.contains("(would clobber existing tag)");
    boolean branch =
        text.contains("some local refs could not be updated;")
            && (text.contains("(unable to update local ref)") || text.contains("refname conflict"));
    return tag || branch;
  }

  /// The remote may have moved on since the key was made: the key's commit is what counts.
  private void holdTo(String fetched, String target) {
    if (git.run("rev-parse", fetched).equals(wanted.object())) {
      return;
    }
    if (!git.succeeds("cat-file", "-e", wanted.object())) {
      git.run("fetch", "--tags", origin, wanted.object());
    }
    if (!git.succeeds("cat-file", "-e", wanted.object())) {
      throw new CorruptData(
          "fetched ref "
              + fetched
              + " does not match expected commit "
              + wanted.object()
              + " and commit can not be found in the repository");
    }
    git.run(
        "update-ref",
        target.startsWith("refs/") ? target : "refs/" + target,
        wanted.object(),
        "--no-deref");
  }
}
