package dev.slipway.source.git;

import dev.slipway.failure.CorruptData;
import dev.slipway.failure.Unavailable;
import dev.slipway.kernel.Kernel;
import dev.slipway.llb.SourceOp;
import dev.slipway.oci.Platform;
import dev.slipway.ref.FetchContext;
import dev.slipway.ref.ImmutableRef;
import dev.slipway.ref.MutableRef;
import dev.slipway.ref.RefDescription;
import dev.slipway.ref.RefId;
import dev.slipway.ref.RefStore;
import dev.slipway.snapshot.Mounter.MountedTree;
import dev.slipway.source.Source;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/// `git://`: a checkout of a repository. One bare repository is kept for each remote, so that later
/// builds fetch only what is new. Thread-safe: a kept repository has one user at a time, a second
/// one at the same moment gets its own.
public final class GitSource implements Source {
  private static final int MAX_REMEMBERED = 1000;

  private final RefStore refs;
  private final Kernel kernel;
  private final Map<String, String> environment;
  private final Path scratch;

  /// Checkouts by key. Guarded by itself.
  private final Map<String, RefId> checkouts = new LinkedHashMap<>(16, 0.75f, true);

  /// @param environment what git inherits: `PATH`, and proxies
  /// @param scratch existing directory for agents' sockets
  public GitSource(RefStore refs, Kernel kernel, Map<String, String> environment, Path scratch) {
    this.refs = refs;
    this.kernel = kernel;
    this.environment = Map.copyOf(environment);
    this.scratch = scratch;
  }

  @Override
  public Set<String> schemes() {
    return Set.of("git");
  }

  @Override
  public Resolution resolve(SourceOp op, Platform platform) {
    return new GitResolution(GitIdentifier.of(op));
  }

  private final class GitResolution implements Resolution {
    private final GitIdentifier identifier;
    private Optional<ResolvedCommit> resolved = Optional.empty();

    GitResolution(GitIdentifier identifier) {
      this.identifier = identifier;
    }

    @Override
    public Key key(int number, FetchContext context) {
      ResolvedCommit commit = resolved(context);
      return new Key(keyOf(commit), Optional.of(commit.forKey()), true);
    }

    private String keyOf(ResolvedCommit commit) {
      return identifier.key(commit.forKey(), commit.ref());
    }

    private ResolvedCommit resolved(FetchContext context) {
      if (resolved.isEmpty()) {
        try (GitAccess access = GitAccess.open(identifier, environment, scratch, context)) {
          resolved = Optional.of(new GitRefs(identifier, access.command()).resolve());
        }
      }
      return resolved.get();
    }

    @Override
    public Optional<ImmutableRef> open(FetchContext context) {
      ResolvedCommit commit = resolved(context);
      String key = identifier.remote() + "\0" + keyOf(commit);
      Optional<ImmutableRef> known = checkout(key).flatMap(refs::find);
      if (known.isPresent()) {
        return known;
      }
      try (GitAccess access = GitAccess.open(identifier, environment, scratch, context)) {
        ImmutableRef made = make(commit, access.command(), context);
        remember(key, made.id());
        return Optional.of(made);
      }
    }

    /// With the kept repository, and once more with a fresh one where what is kept stands in the
    /// way.
    private ImmutableRef make(ResolvedCommit commit, GitCommand git, FetchContext context) {
      String tag =
          "git-remote:" + identifier.remote() + (commit.object().length() == 64 ? "#sha256" : "");
      try {
        return makeIn(tag, commit, git, context);
      } catch (GitFetch.InTheWay kept) {
        refs.dropTagged(tag);
        try {
          return makeIn(tag, commit, git, context);
        } catch (GitFetch.InTheWay fresh) {
          throw new Unavailable(
              String.valueOf(Objects.requireNonNullElse(fresh.getCause(), fresh).getMessage()),
              fresh);
        }
      }
    }

    private ImmutableRef makeIn(
        String tag, ResolvedCommit commit, GitCommand git, FetchContext context)
        throws GitFetch.InTheWay {
      RefDescription shared =
          RefDescription.regular("shared git repo for " + identifier.shownRemote());
      String ref =
          identifier.ref().isEmpty() && !identifier.fetchByCommit() ? commit.ref() : nameOf(commit);
      try (MutableRef kept = refs.openTagged(tag, Optional.empty(), shared, context);
          MountedTree repository = kept.openTree()) {
        new GitFetch(identifier, commit, repository.root(), git).run(ref);
        String inRepository = identifier.fetchByCommit() ? commit.object() : ref;
        verify(git.in(repository.root()), inRepository);
        return checkOut(repository.root(), git, new Names(ref, inRepository), context);
      }
    }

    private String nameOf(ResolvedCommit commit) {
      return identifier.fetchByCommit() ? commit.ref() : identifier.ref();
    }

    private record Names(String ref, String inRepository) {}

    /// What was fetched is what the build insisted on.
    private void verify(GitCommand git, String ref) {
      String checksum = identifier.checksum();
      if (checksum.isEmpty()) {
        return;
      }
      String object = git.run("rev-parse", ref);
      String commit = git.run("rev-parse", ref + "^{}");
      if (!object.startsWith(checksum) && !commit.startsWith(checksum)) {
        throw new CorruptData(
            "expected checksum to match "
                + checksum
                + ", got "
                + object
                + (object.equals(commit) ? "" : " or " + commit));
      }
    }

    private ImmutableRef checkOut(
        Path repository, GitCommand git, Names names, FetchContext context) {
      RefDescription description =
          new RefDescription(
              "git snapshot for " + identifier.shownRemote() + "#" + names.ref(),
              RefDescription.RecordType.SOURCE_GIT_CHECKOUT);
      try (MutableRef tree = refs.newMutable(Optional.empty(), description, context)) {
        try (MountedTree mounted = tree.openTree()) {
          new GitCheckout(identifier, repository, git, kernel)
              .into(mounted.root(), names.ref(), names.inRepository());
        }
        return tree.commit();
      }
    }
  }

  private Optional<RefId> checkout(String key) {
    synchronized (checkouts) {
      return Optional.ofNullable(checkouts.get(key));
    }
  }

  private void remember(String key, RefId id) {
    synchronized (checkouts) {
      checkouts.put(key, id);
      if (checkouts.size() > MAX_REMEMBERED) {
        checkouts.remove(checkouts.keySet().iterator().next());
      }
    }
  }
}
