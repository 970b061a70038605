package dev.slipway.registry;

import dev.slipway.content.ContentStore;
import dev.slipway.content.Ingest;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Cancelled;
import dev.slipway.failure.CorruptData;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.NotFound;
import dev.slipway.failure.Unavailable;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.Digest;
import dev.slipway.oci.ImageReference;
import dev.slipway.oci.MediaType;
import dev.slipway.task.Interruption;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.LongConsumer;

/// Brings manifests and blobs here. What arrives is verified against its digest. Thread-safe.
public final class Fetcher {
  private static final int BUFFER = 256 * 1024;

  /// How often a server may answer other bytes than asked for.
  private static final int ATTEMPTS = 2;

  /// Attempts in a row that bring no single byte before a blob is given up.
  private static final int FRUITLESS = 5;

  private final RegistryClient client;

  private final boolean insecure;

  Fetcher(RegistryClient client, boolean insecure) {
    this.client = client;
    this.insecure = insecure;
  }

  /// Fetches a small document (manifest, index, config) into memory.
  ///
  /// @param name repository; tag and digest do not matter
  /// @throws InvalidRequest it is larger than [Resolver#MAX_MANIFEST]
  /// @throws CorruptData other bytes than the digest says
  public byte[] document(ImageReference name, Descriptor descriptor, CredentialSource credentials) {
    if (descriptor.bytes() > Resolver.MAX_MANIFEST) {
      throw new InvalidRequest(
          descriptor.digest() + " is too large for a document: " + descriptor.bytes() + " bytes");
    }
    Repository repository = client.repository(name, credentials, "pull", insecure);
    return repository.first(endpoint -> documentAt(repository, endpoint, descriptor));
  }

  /// Whether a blob is there to be fetched, by any mirror's word.
  ///
  /// @param name repository
  /// @throws BuildFailure nobody answers
  public boolean has(ImageReference name, Descriptor descriptor, CredentialSource credentials) {
    Repository repository = client.repository(name, credentials, "pull", insecure);
    try {
      return repository.first(
          endpoint ->
              client
                  .exchange()
                  .run(
                      repository.request(
                          endpoint, "HEAD", "blobs/" + descriptor.digest(), Map.of()),
                      repository.access(),
                      Set.of(200),
                      answer -> true));
    } catch (NotFound missing) {
      return false;
    }
  }

  /// Fetches a blob into the store, unless it is there. Goes on where an earlier attempt stopped,
  /// also one of another process; falls back to the next mirror when one fails. A layer that
  /// registries may not distribute is looked for where its descriptor says first.
  ///
  /// @param name repository
  /// @param progress told how many bytes are here, counted from the start of the blob
  /// @throws CorruptData other bytes than the digest says
  public void blob(
      ImageReference name,
      Descriptor descriptor,
      CredentialSource credentials,
      ContentStore store,
      LongConsumer progress) {
    if (store.find(descriptor.digest()).isPresent()) {
      return;
    }
    Download download = new Download(descriptor, store, progress);
    Optional<BuildFailure> elsewhere = Optional.empty();
    if (descriptor.isNonDistributable()) {
      for (Place place : Place.named(descriptor.urls())) {
        try {
          blobAt(place, download);
          return;
        } catch (Cancelled cancelled) {
          throw cancelled;
        } catch (BuildFailure failure) {
          elsewhere = elsewhere.or(() -> Optional.of(failure));
        }
      }
    }
    Repository repository = client.repository(name, credentials, "pull", insecure);
    try {
      repository.first(
          endpoint -> {
            blobAt(
                new Place(
                    repository.request(endpoint, "GET", "blobs/" + descriptor.digest(), Map.of()),
                    repository.access()),
                download);
            return true;
          });
    } catch (NotFound missing) {
      throw elsewhere.orElse(missing);
    }
  }

  /// A blob to bring.
  private record Download(Descriptor descriptor, ContentStore store, LongConsumer progress) {}

  /// Where a blob is: a request for all of it.
  private record Place(HttpTransport.Request request, Exchange.Access access) {
    private static final int MOST = 16;

    /// Servers that have nothing to do with the registry, and get none of its credentials.
    static List<Place> named(List<String> urls) {
      Exchange.Access nobody = new Exchange.Access(CredentialSource.none(), List.of(), "pull");
      return urls.stream()
          .filter(url -> url.matches("https?://[^/\\s]+/\\S*"))
          .limit(MOST)
          .map(url -> new Place(HttpTransport.Request.of(url), nobody))
          .toList();
    }

    Endpoint endpoint() {
      return request.endpoint();
    }
  }

  /// Asks how long a blob is, for those who know only its digest.
  ///
  /// @param name repository
  /// @throws dev.slipway.failure.NotFound there is no such blob
  public Descriptor describe(ImageReference name, Digest digest, CredentialSource credentials) {
    Repository repository = client.repository(name, credentials, "pull", insecure);
    return repository.first(
        endpoint -> {
          HttpTransport.Request head =
              repository.request(
                  endpoint,
                  "HEAD",
                  "blobs/" + digest,
                  Map.of("Accept", "*/*", "Accept-Encoding", "identity"));
          long bytes =
              client
                  .exchange()
                  .run(
                      head,
                      repository.access(),
                      Set.of(200),
                      answer ->
                          answer
                              .contentLength()
                              .orElseThrow(
                                  () ->
                                      new Unavailable(
                                          "registry "
                                              + endpoint.authority()
                                              + " does not tell how long "
                                              + digest
                                              + " is")));
          return new Descriptor(new MediaType("application/octet-stream"), digest, bytes);
        });
  }

  private byte[] documentAt(Repository repository, Endpoint endpoint, Descriptor descriptor) {
    String kind =
        descriptor.mediaType().isManifest() || descriptor.mediaType().isIndex()
            ? "manifests/"
            : "blobs/";
    Map<String, String> headers = Map.of("Accept", descriptor.mediaType().value() + ", */*");
    HttpTransport.Request request =
        repository.request(endpoint, "GET", kind + descriptor.digest(), headers);
    for (int attempt = 1; ; attempt++) {
      byte[] bytes =
          client
              .exchange()
              .run(
                  request,
                  repository.access(),
                  Set.of(200),
                  answer -> Resolver.readAll(answer, Resolver.MAX_MANIFEST));
      MessageDigest hash = descriptor.digest().newVerifier();
      hash.update(bytes);
      if (descriptor.digest().matches(hash)) {
        return bytes;
      }
      if (attempt == ATTEMPTS) {
        throw new CorruptData(
            "registry "
                + endpoint.authority()
                + " answered other bytes than "
                + descriptor.digest());
      }
    }
  }

  private void blobAt(Place place, Download wanted) {
    try (TransferSlots.Slot _ = client.slots().take(place.endpoint().authority())) {
      // What an earlier attempt left may be bad, and a server may be wrong once: twice, the second
      // time from the start.
      for (int attempt = 1; ; attempt++) {
        try (Ingest ingest = wanted.store.ingest(wanted.descriptor.digest().toString())) {
          if (attempt > 1) {
            ingest.truncate();
          }
          fill(ingest, place, wanted);
          commit(ingest, wanted.descriptor);
          return;
        } catch (CorruptData corrupt) {
          if (attempt == ATTEMPTS) {
            throw corrupt.in(
                "layer " + wanted.descriptor.digest() + " from " + place.endpoint().authority());
          }
        }
      }
    }
  }

  private static void commit(Ingest ingest, Descriptor descriptor) {
    Map<String, String> labels =
        descriptor
            .diffId()
            .map(diffId -> Map.of(Descriptor.UNCOMPRESSED, diffId.toString()))
            .orElse(Map.of());
    ingest.commit(Optional.of(descriptor.digest()), OptionalLong.of(descriptor.bytes()), labels);
  }

  private void fill(Ingest ingest, Place place, Download wanted) {
    Descriptor descriptor = wanted.descriptor;
    if (ingest.offset() > descriptor.bytes()) {
      ingest.truncate();
    }
    Duration pause = Duration.ofMillis(250);
    for (int fruitless = 0; ingest.offset() < descriptor.bytes(); ) {
      long before = ingest.offset();
      try {
        download(ingest, place, wanted);
      } catch (Unavailable failed) {
        fruitless = ingest.offset() > before ? 0 : fruitless + 1;
        if (fruitless == FRUITLESS || !Exchange.mayPass(failed)) {
          throw failed;
        }
        client
            .exchange()
            .clock()
            .sleep(Exchange.pauseAfter(failed, pause.multipliedBy(1L << fruitless)));
      }
    }
  }

  /// One request's worth. Ends when the blob is whole, or fails with what came so far in the
  /// ingest.
  private void download(Ingest ingest, Place place, Download wanted) {
    Descriptor descriptor = wanted.descriptor;
    Map<String, String> headers = new HashMap<>();
    headers.put("Accept", descriptor.mediaType().value() + ", */*");
    headers.put("Accept-Encoding", "identity");
    if (ingest.offset() > 0) {
      headers.put("Range", "bytes=" + ingest.offset() + "-");
    }
    try (HttpAnswer answer =
        client.exchange().send(place.request.withHeaders(headers), place.access)) {
      switch (answer.status()) {
        case 200 -> {
          if (ingest.offset() > 0) {
            ingest.truncate();
          }
        }
        case 206 -> requireOffset(answer, ingest);
        case 416 -> {
          boolean ranged = ingest.offset() > 0;
          ingest.truncate();
          if (!ranged) {
            throw client.exchange().failure(answer, place.access);
          }
          return;
        }
        default -> throw client.exchange().failure(answer, place.access);
      }
      copy(answer, ingest, descriptor, wanted.progress);
    }
  }

  private static void requireOffset(HttpAnswer answer, Ingest ingest) {
    String range = answer.header("Content-Range").orElse("");
    if (!range.startsWith("bytes " + ingest.offset() + "-")) {
      throw new CorruptData(
          "registry answered another range than asked for: "
              + range.substring(0, Math.min(range.length(), 60)));
    }
  }

  private static void copy(
      HttpAnswer answer, Ingest ingest, Descriptor descriptor, LongConsumer progress) {
    byte[] buffer = new byte[BUFFER];
    InputStream body = answer.body();
    try {
      for (int count = body.read(buffer); count >= 0; count = body.read(buffer)) {
        Interruption.check();
        if (ingest.offset() + count > descriptor.bytes()) {
          ingest.truncate();
          throw new CorruptData(
              "blob "
                  + descriptor.digest()
                  + " is longer than the "
                  + descriptor.bytes()
                  + " bytes it should have");
        }
        ingest.write(ByteBuffer.wrap(buffer, 0, count));
        progress.accept(ingest.offset());
      }
    } catch (IOException cut) {
      throw new Unavailable(
          "fetching "
              + descriptor.digest()
              + " from "
              + WireErrors.redacted(answer.uri())
              + ": "
              + cut.getMessage(),
          cut);
    }
    if (ingest.offset() < descriptor.bytes()) {
      IOException cut =
          new IOException(
              "body ended after " + ingest.offset() + " of " + descriptor.bytes() + " bytes");
      throw new Unavailable("fetching " + descriptor.digest() + ": " + cut.getMessage(), cut);
    }
  }
}
