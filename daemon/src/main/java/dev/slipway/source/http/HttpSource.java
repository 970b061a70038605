package dev.slipway.source.http;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.CorruptData;
import dev.slipway.failure.WrongState;
import dev.slipway.kernel.Kernel;
import dev.slipway.llb.SourceOp;
import dev.slipway.oci.Digest;
import dev.slipway.oci.Platform;
import dev.slipway.ref.FetchContext;
import dev.slipway.ref.ImmutableRef;
import dev.slipway.ref.MutableRef;
import dev.slipway.ref.RefDescription;
import dev.slipway.ref.RefStore;
import dev.slipway.snapshot.Mounter.MountedTree;
import dev.slipway.source.Source;
import dev.slipway.source.http.HttpDownload.Answer;
import dev.slipway.source.http.HttpDownload.Method;
import dev.slipway.source.http.RememberedDownloads.Entry;
import java.io.IOException;
import java.io.OutputStream;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// `http://` and `https://`: one file. What the server says has not changed is not fetched again.
/// Thread-safe.
public final class HttpSource implements Source {
  private static final int DEFAULT_PERMISSIONS = 0600;

  private final RefStore refs;
  private final Kernel kernel;
  private final HttpDownload download;
  private final RememberedDownloads remembered = new RememberedDownloads();

  /// @param client follows no redirects
  /// @param userAgent sent unless the build asks for another
  public HttpSource(RefStore refs, Kernel kernel, HttpClient client, String userAgent) {
    this.refs = refs;
    this.kernel = kernel;
    this.download = new HttpDownload(client, userAgent);
  }

  @Override
  public Set<String> schemes() {
    return Set.of("http", "https");
  }

  @Override
  public Resolution resolve(SourceOp op, Platform platform) {
    return new HttpResolution(HttpIdentifier.of(op));
  }

  private final class HttpResolution implements Resolution {
    private final HttpIdentifier identifier;
    private Optional<Found> found = Optional.empty();

    HttpResolution(HttpIdentifier identifier) {
      this.identifier = identifier;
    }

    @Override
    public Key key(int number, FetchContext context) {
      Found known =
          identifier
              .checksum()
              .map(this::promised)
              .orElseGet(() -> found.orElseGet(() -> ask(context)));
      found = Optional.of(known);
      return new Key(
          Digest.ofText(identifier.keyJson(known)).toString(), Optional.of(known.content().toString()), true);
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
      List<Entry> known =
          remembered.of(identifier).stream().filter(entry -> isThere(entry.found())).toList();
      Optional<Found> unchanged = known.isEmpty() ? Optional.empty() : unchanged(known, context);
      return unchanged.orElseGet(() -> fetch(known, context));
    }

    private boolean isThere(Found earlier) {
      Optional<ImmutableRef> ref = earlier.ref().flatMap(refs::find);
      ref.ifPresent(ImmutableRef::close);
      return ref.isPresent();
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
        try (ImmutableRef _ = save(answer, context)) {
          return found.orElseThrow();
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
      try (Answer answer = download.open(identifier, Method.GET, List.of(), context)) {
        ImmutableRef ref = save(answer, context);
        Digest content = found.orElseThrow().content();
        if (expected.isPresent() && !expected.get().equals(content)) {
          ref.close();
          throw new CorruptData(
              "digest mismatch for "
                  + identifier.uri()
                  + ": "
                  + content
                  + " (expected: "
                  + expected.get()
                  + ")");
        }
        return Optional.of(ref);
      }
    }

    /// Writes the answer into a tree of its own and remembers it. Caller closes.
    private ImmutableRef save(Answer answer, FetchContext context) {
      String filename = FileNames.of(identifier.uri(), identifier.filename(), answer.disposition());
      Optional<Instant> modified = answer.lastModified().flatMap(HttpSource::time);
      RefDescription description = RefDescription.regular("http url " + identifier.uri());
      try (MutableRef tree = refs.newMutable(Optional.empty(), description, context)) {
        Digest content;
        try (MountedTree mounted = tree.openTree()) {
          content = write(answer, mounted.root().resolve(filename), modified);
        }
        ImmutableRef ref = tree.commit();
        Found saved = new Found(content, filename, modified, Optional.of(ref.id()));
        found = Optional.of(saved);
        answer.etag().ifPresent(etag -> remembered.add(identifier, new Entry(etag, saved)));
        return ref;
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
      if (identifier.uid() != 0 || identifier.gid() != 0) {
        kernel.setOwner(file, (int) identifier.uid(), (int) identifier.gid());
      }
      kernel.setMode(
          file, identifier.perm() == 0 ? DEFAULT_PERMISSIONS : (int) (identifier.perm() & 0777));
      kernel.setModifiedTime(
          file, modified.map(Instant::getEpochSecond).orElse(0L) * 1_000_000_000L);
      return Digest.ofSha256(hash);
    }
  }

  private static Optional<Instant> time(String httpDate) {
    try {
      return Optional.of(Instant.from(Found.HTTP_DATE.parse(httpDate)));
    } catch (DateTimeParseException unknownForm) {
      return Optional.empty();
    }
  }
}
