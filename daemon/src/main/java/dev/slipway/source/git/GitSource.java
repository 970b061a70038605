package dev.slipway.source.git;

import dev.slipway.failure.CorruptData;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.Unavailable;
import dev.slipway.frontend.ResolvedSource;
import dev.slipway.frontend.SourceQuery.GitObjects;
import dev.slipway.kernel.Kernel;
import dev.slipway.llb.SourceOp;
import dev.slipway.oci.Platform;
import dev.slipway.ref.BuildMemory;
import dev.slipway.ref.FetchContext;
import dev.slipway.ref.ImmutableRef;
import dev.slipway.ref.MutableRef;
import dev.slipway.ref.RefDescription;
import dev.slipway.ref.RefStore;
import dev.slipway.snapshot.Mounter.MountedTree;
import dev.slipway.source.BlobFetch;
import dev.slipway.source.KnownTrees;
import dev.slipway.source.Source;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/// `git://`: a checkout of a repository. One bare repository is kept for each remote, so that later
/// builds fetch only what is new. Thread-safe: a kept repository has one user at a time, a second
/// one at the same moment gets its own.
public final class GitSource implements Source {
  private final RefStore refs;
  private final KnownTrees checkouts;
  private final Kernel kernel;
  private final Map<String, String> environment;
  private final Path scratch;
  private final BlobFetch blobs;

  /// @param checkouts remembers checkouts
  /// @param environment what git inherits: `PATH`, and proxies
  /// @param scratch existing directory for agents' sockets and imported bundles
  /// @param blobs brings bundles
  public GitSource(
      RefStore refs,
      KnownTrees checkouts,
      Kernel kernel,
      Map<String, String> environment,
      Path scratch,
      BlobFetch blobs) {
    this.refs = refs;
    this.checkouts = checkouts;
    this.kernel = kernel;
    this.environment = Map.copyOf(environment);
    this.scratch = scratch;
    this.blobs = blobs;
  }

  @Override
  public Set<String> schemes() {
    return Set.of("git");
  }

  @Override
  public Resolution resolve(SourceOp op, Platform platform) {
    return new GitResolution(GitIdentifier.of(op));
  }

  /// The one identifier of a source that may be written in several ways.
  public static String canonical(SourceOp op) {
    return GitIdentifier.of(op).canonical();
  }

  /// Tells frontends what a ref of a repository is.
  public ResolvedSource.Git metadata(SourceOp op, GitObjects objects, FetchContext context) {
    return new GitResolution(GitIdentifier.of(op)).metadata(objects, context);
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
      if (identifier.signature().isPresent()) {
        signed(commit, context);
      }
      return new Key(keyOf(commit), Optional.of(commit.forKey()), true);
    }

    private String keyOf(ResolvedCommit commit) {
      return identifier.key(commit.forKey(), commit.ref());
    }

    private ResolvedCommit resolved(FetchContext context) {
      if (resolved.isEmpty()) {
        ResolvedCommit full = isPromised() ? ask(context) : once(context);
        boolean keepsTag = identifier.gitDirectory() == GitIdentifier.GitDirectory.KEPT;
        resolved = Optional.of(keepsTag ? full.withoutCommit() : full);
      }
      return resolved.get();
    }

    /// Nobody needs to be asked.
    private boolean isPromised() {
      return identifier.fetchByCommit()
          || GitIdentifier.isCommit(identifier.ref())
          || identifier.bundle().isPresent();
    }

    /// Within one build a ref stays where it pointed first.
    private ResolvedCommit once(FetchContext context) {
      return BuildMemory.once(
          context.builds(),
          "git " + identifier.remote() + "#" + identifier.ref(),
          ResolvedCommit.class,
          earlier -> earlier.fits(identifier.checksum()),
          () -> ask(context));
    }

    private ResolvedCommit ask(FetchContext context) {
      try (GitAccess access = GitAccess.open(identifier, environment, scratch, context)) {
        return identifier.bundle().isPresent()
            ? askBundle(access.command(), context)
            : new GitRefs(identifier, access.command()).resolve();
      }
    }

    /// A commit needs no bundle to be known.
    private ResolvedCommit askBundle(GitCommand git, FetchContext context) {
      String ref = identifier.ref().isEmpty() ? identifier.checksum() : identifier.ref();
      if (GitIdentifier.isCommit(ref)) {
        return new ResolvedCommit(ref, ref, Optional.empty());
      }
      try (GitBundle bundle = bundle(git, context)) {
        return new GitRefs(identifier.at(bundle.url()), git).resolve();
      }
    }

    private GitBundle bundle(GitCommand git, FetchContext context) {
      return GitBundle.imported(
          identifier.bundle().orElseThrow(), identifier.checksum(), git, scratch, blobs, context);
    }

    ResolvedSource.Git metadata(GitObjects objects, FetchContext context) {
      ResolvedCommit commit = resolved(context);
      return switch (objects) {
        case LEFT_OUT -> {
          if (identifier.signature().isPresent()) {
            signed(commit, context);
          }
          yield new ResolvedSource.Git(
              commit.ref(), commit.object(), commit.commit(), Optional.empty(), Optional.empty());
        }
        case WANTED -> signed(commit, context);
      };
    }

    /// With its objects, which are signed as the build insists.
    private ResolvedSource.Git signed(ResolvedCommit commit, FetchContext context) {
      ResolvedSource.Git objects = withObjects(commit, context);
      identifier.signature().ifPresent(signature -> signature.require(objects));
      return objects;
    }

    private ResolvedSource.Git withObjects(ResolvedCommit commit, FetchContext context) {
      try (GitAccess access = GitAccess.open(identifier, environment, scratch, context)) {
        return withRepository(
            commit,
            access.command(),
            context,
            (repository, names) -> objects(commit, access.command().in(repository)));
      }
    }

    private ResolvedSource.Git objects(ResolvedCommit commit, GitCommand git) {
      String object = commit.object();
      return switch (git.run("cat-file", "-t", object)) {
        case "commit" ->
            new ResolvedSource.Git(
                commit.ref(),
                object,
                Optional.empty(),
                Optional.of(git.bytes("cat-file", "commit", object)),
                Optional.empty());
        case "tag" -> {
          String peeled = git.run("rev-parse", object + "^{commit}");
          yield new ResolvedSource.Git(
              commit.ref(),
              object,
              Optional.of(peeled),
              Optional.of(git.bytes("cat-file", "commit", peeled)),
              Optional.of(git.bytes("cat-file", "tag", object)));
        }
        case String other ->
            throw new InvalidRequest("expected commit or tag object, got " + other);
      };
    }

    @Override
    public Optional<ImmutableRef> open(FetchContext context) {
      ResolvedCommit commit = resolved(context);
      String key = "git " + identifier.remote() + "\0" + keyOf(commit);
      Optional<ImmutableRef> known =
          checkouts.of(key).stream().flatMap(each -> refs.find(each.ref()).stream()).findFirst();
      if (known.isPresent()) {
        return known;
      }
      try (GitAccess access = GitAccess.open(identifier, environment, scratch, context)) {
        ImmutableRef made =
            withRepository(
                commit,
                access.command(),
                context,
                (repository, names) ->
                    switch (identifier.form()) {
                      case FILES -> checkOut(repository, access.command(), names, context);
                      case BUNDLE -> bundleOf(repository, commit, access.command(), names, context);
                    });
        checkouts.add(key, made.id(), Map.of());
        return Optional.of(made);
      }
    }

    /// With the kept repository, and once more with a fresh one where what is kept stands in the
    /// way.
    private <T> T withRepository(
        ResolvedCommit commit, GitCommand git, FetchContext context, Use<T> use) {
      String tag =
          "git-remote:" + identifier.remote() + (commit.object().length() == 64 ? "#sha256" : "");
      try {
        return withKept(tag, commit, git, context, use);
      } catch (GitFetch.InTheWay kept) {
        refs.dropTagged(tag);
        try {
          return withKept(tag, commit, git, context, use);
        } catch (GitFetch.InTheWay fresh) {
          throw new Unavailable(
              String.valueOf(Objects.requireNonNullElse(fresh.getCause(), fresh).getMessage()),
              fresh);
        }
      }
    }

    private <T> T withKept(
        String tag, ResolvedCommit commit, GitCommand git, FetchContext context, Use<T> use)
        throws GitFetch.InTheWay {
      RefDescription shared =
          RefDescription.regular("shared git repo for " + identifier.shownRemote());
      boolean unnamed = identifier.ref().isEmpty() && !identifier.fetchByCommit();
      String ref = unnamed ? commit.ref() : nameOf(commit);
      try (MutableRef kept = refs.openTagged(tag, Optional.empty(), shared, context);
          MountedTree repository = kept.openTree()) {
        fetch(commit, ref, repository.root(), git, context);
        String inRepository = identifier.fetchByCommit() ? commit.object() : ref;
        verify(git.in(repository.root()), inRepository);
        return use.of(repository.root(), new Names(ref, inRepository));
      }
    }

    private void fetch(
        ResolvedCommit commit, String ref, Path repository, GitCommand git, FetchContext context)
        throws GitFetch.InTheWay {
      if (identifier.bundle().isEmpty()) {
        new GitFetch(identifier, commit, repository, "origin", git).run(ref);
        return;
      }
      try (GitBundle bundle = bundle(git, context)) {
        new GitFetch(identifier, commit, repository, bundle.url(), git).run(ref);
      }
    }

    private ImmutableRef bundleOf(
        Path repository, ResolvedCommit commit, GitCommand git, Names names, FetchContext context) {
      RefDescription description =
          RefDescription.regular(
              "git bundle checkout for " + identifier.shownRemote() + "#" + names.ref());
      try (MutableRef tree = refs.newMutable(Optional.empty(), description, context)) {
        try (MountedTree mounted = tree.openTree();
            GitBundle bundle = GitBundle.of(repository, commit.forKey(), git, scratch)) {
          bundle.write(identifier.ref(), commit.forKey(), mounted.root().resolve("bundle"));
        }
        return tree.commit();
      }
    }

    private String nameOf(ResolvedCommit commit) {
      return identifier.fetchByCommit() ? commit.ref() : identifier.ref();
    }

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

  /// What is done with a repository that has the commit.
  @FunctionalInterface
  private interface Use<T> {
    T of(Path repository, Names names);
  }

  /// @param ref what the commit was fetched as
  /// @param inRepository what it is found by there
  private record Names(String ref, String inRepository) {}
}
