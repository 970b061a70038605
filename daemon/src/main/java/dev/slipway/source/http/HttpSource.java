package dev.slipway.source.http;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.CorruptData;
import dev.slipway.failure.WrongState;
import dev.slipway.frontend.ResolvedSource;
import dev.slipway.frontend.SourceQuery.ChecksumQuery;
import dev.slipway.kernel.Kernel;
import dev.slipway.llb.SourceOp;
import dev.slipway.oci.Digest;
import dev.slipway.oci.Platform;
import dev.slipway.ref.BuildMemory;
import dev.slipway.ref.FetchContext;
import dev.slipway.ref.ImmutableRef;
import dev.slipway.ref.MutableRef;
import dev.slipway.ref.RefDescription;
import dev.slipway.ref.RefId;
import dev.slipway.ref.RefStore;
import dev.slipway.snapshot.Mounter.MountedTree;
import dev.slipway.source.KnownTrees;
import dev.slipway.source.Source;
import dev.slipway.source.http.Downloads.Entry;
import dev.slipway.source.http.HttpDownload.Answer;
import dev.slipway.source.http.HttpDownload.Method;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// `http://` and `https://`: one file. What the server says has not changed is not fetched again.
/// Thread-safe.
public final class HttpSource implements Source {
  private final RefStore refs;
  private final Kernel kernel;
  private final HttpDownload download;
  private final Downloads downloads;

  /// @param known remembers downloads
  /// @param userAgent sent unless the build asks for another
  public HttpSource(
      RefStore refs,
      KnownTrees known,
      Kernel kernel,
      HttpConnections connections,
      String userAgent) {
    this.refs = refs;
    this.downloads = new Downloads(refs, known);
    this.kernel = kernel;
    this.download = new HttpDownload(connections, userAgent);
  }

  @Override
  public Set<String> schemes() {
    return Set.of("http", "https");
  }

  @Override
  public Resolution resolve(SourceOp op, Platform platform) {
    return new HttpResolution(HttpIdentifier.of(op));
  }

  /// Tells frontends what a download is.
  ///
  /// @param query asks for one more checksum of the content
  public ResolvedSource.Http metadata(
      SourceOp op, Optional<ChecksumQuery> query, FetchContext context) {
    HttpResolution resolution = new HttpResolution(HttpIdentifier.of(op));
    return resolution.metadata(query, context);
  }

  private final class HttpResolution implements Resolution {
    private final HttpIdentifier identifier;
    private Optional<Found> found = Optional.empty();

    HttpResolution(HttpIdentifier identifier) {
      this.identifier = identifier;
    }

    @Override
    public Key key(int number, FetchContext context) {
      Found known = signed(context);
      return new Key(
          Digest.ofText(identifier.keyJson(known)).toString(),
          Optional.of(known.content().toString()),
          true);
    }

    /// What is there, once its content is known to be signed as the build insists.
    private Found signed(FetchContext context) {
      Found known = known(context);
      if (identifier.signature().isEmpty()) {
        return known;
      }
      try (ImmutableRef ref = open(context).orElseThrow();
          MountedTree tree = ref.openTree(context)) {
        Found fetched = found.orElseThrow();
        identifier.signature().get().require(tree.root().resolve(fetched.filename()));
        return identifier.checksum().isPresent() ? known : fetched;
      }
    }

    private Found known(FetchContext context) {
      if (found.isEmpty()) {
        found =
            Optional.of(identifier.checksum().map(this::promised).orElseGet(() -> once(context)));
      }
      return found.get();
    }

    /// Within one build the content stays what it was first.
    private Found once(FetchContext context) {
      return BuildMemory.once(
          context.builds(), memoryName(), Found.class, _ -> true, () -> ask(context));
    }

    private String memoryName() {
      return "http " + identifier.sameThing();
    }

    ResolvedSource.Http metadata(Optional<ChecksumQuery> query, FetchContext context) {
      Found known = signed(context);
      return new ResolvedSource.Http(
          known.content(),
          known.filename(),
          known.lastModified(),
          query.map(asked -> checksum(asked, context)));
    }

    private ResolvedSource.Checksum checksum(ChecksumQuery asked, FetchContext context) {
      try (ImmutableRef ref = open(context).orElseThrow();
          MountedTree tree = ref.openTree(context)) {
        String name = found.orElseThrow().filename();
        return Checksums.of(tree.root().resolve(name), asked);
      }
    }

    private Found promised(Digest checksum) {
      return new Found(
          checksum,
          FileNames.of(identifier.uri(), identifier.filename(), Optional.empty()),
          Optional.empty(),
          Optional.empty());
    }

    /// First whether what was fetched before still stands, then for the content.
    private Found ask(FetchContext context) {
      List<Entry> known = downloads.of(identifier);
      Optional<Found> unchanged = known.isEmpty() ? Optional.empty() : unchanged(known, context);
      Found now = unchanged.orElseGet(() -> fetch(known, context));
      now.ref()
          .flatMap(refs::find)
          .ifPresent(
              ref -> {
                try (ref) {
                  BuildMemory.hold(context.builds(), ref);
                }
              });
      return now;
    }

    /// Servers that get conditional requests wrong mostly get this right. A server that refuses to
    /// be asked this way is asked properly.
    private Optional<Found> unchanged(List<Entry> known, FetchContext context) {
      try (Answer answer = download.open(identifier, Method.HEAD, etags(known), context)) {
        return matching(known, answer);
      } catch (BuildFailure refused) {
        return Optional.empty();
      }
    }

    private Found fetch(List<Entry> known, FetchContext context) {
      try (Answer answer = download.open(identifier, Method.GET, etags(known), context)) {
        if (answer.notModified()) {
          return matching(known, answer)
              .orElseThrow(
                  () -> new WrongState("invalid not-modified ETag: " + answer.etag().orElse("")));
        }
        Saved saved = save(answer, context);
        try (ImmutableRef ref = saved.ref()) {
          BuildMemory.hold(context.builds(), ref);
          return saved.found();
        }
      }
    }

    private List<String> etags(List<Entry> known) {
      return known.stream().map(Entry::etag).toList();
    }

    /// A 304 that does not repeat the ETag is about the one that was sent.
    private Optional<Found> matching(List<Entry> known, Answer answer) {
      Optional<String> etag =
          answer
              .etag()
              .or(
                  () ->
                      answer.notModified() && known.size() == 1
                          ? Optional.of(known.getFirst().etag())
                          : Optional.empty());
      return etag.flatMap(
              text -> known.stream().filter(entry -> entry.etag().equals(text)).findFirst())
          .map(Entry::found);
    }

    @Override
    public Optional<ImmutableRef> open(FetchContext context) {
      Optional<ImmutableRef> kept = found.flatMap(Found::ref).flatMap(refs::find);
      if (kept.isPresent()) {
        return kept;
      }
      Optional<Digest> expected = identifier.checksum().or(() -> found.map(Found::content));
      List<ImmutableRef> fetched = new ArrayList<>(1);
      Found now =
          BuildMemory.once(
              context.builds(),
              memoryName(),
              Found.class,
              earlier ->
                  isExpected(expected, earlier) && earlier.ref().filter(this::isThere).isPresent(),
              () -> {
                Saved saved = fetchAnew(expected, context);
                fetched.add(saved.ref());
                return saved.found();
              });
      found = Optional.of(now);
      return fetched.isEmpty() ? open(context) : Optional.of(fetched.getFirst());
    }

    private static boolean isExpected(Optional<Digest> expected, Found found) {
      return expected.isEmpty() || expected.get().equals(found.content());
    }

    private boolean isThere(RefId id) {
      Optional<ImmutableRef> ref = refs.find(id);
      ref.ifPresent(ImmutableRef::close);
      return ref.isPresent();
    }

    private Saved fetchAnew(Optional<Digest> expected, FetchContext context) {
      try (Answer answer = download.open(identifier, Method.GET, List.of(), context)) {
        Saved saved = save(answer, context);
        if (!isExpected(expected, saved.found())) {
          saved.ref().close();
          throw new CorruptData(
              "digest mismatch " + saved.found().content() + ": " + expected.orElseThrow());
        }
        BuildMemory.hold(context.builds(), saved.ref());
        return saved;
      }
    }

    /// Writes the answer into a tree of its own and remembers it. Caller closes the ref.
    private Saved save(Answer answer, FetchContext context) {
      String filename = FileNames.of(identifier.uri(), identifier.filename(), answer.disposition());
      Optional<Instant> modified = answer.lastModified().flatMap(Found::time);
      RefDescription description = RefDescription.regular("http url " + identifier.uri());
      try (MutableRef tree = refs.newMutable(Optional.empty(), description, context)) {
        Digest content;
        try (MountedTree mounted = tree.openTree()) {
          content = write(answer, mounted.root().resolve(filename), modified);
        }
        ImmutableRef ref = tree.commit();
        Found saved = new Found(content, filename, modified, Optional.of(ref.id()));
        answer.etag().ifPresent(etag -> downloads.add(identifier, new Entry(etag, saved)));
        return new Saved(saved, ref);
      }
    }

    private Digest write(Answer answer, Path file, Optional<Instant> modified) {
      MessageDigest hash = Digest.newSha256();
      try (OutputStream out =
          new DigestOutputStream(
              Files.newOutputStream(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
              hash)) {
        answer.body().transferTo(out);
      } catch (IOException failed) {
        throw new dev.slipway.failure.Unavailable(
            identifier.uri() + ": " + failed.getMessage(), failed);
      }
      identifier
          .file()
          .applyTo(file, modified.map(Instant::getEpochSecond).orElse(0L) * 1_000_000_000L, kernel);
      return Digest.ofSha256(hash);
    }
  }

  private record Saved(Found found, ImmutableRef ref) {}
}
