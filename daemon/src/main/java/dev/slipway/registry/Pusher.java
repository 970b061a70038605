package dev.slipway.registry;

import dev.slipway.content.BlobReader;
import dev.slipway.content.IngestReader;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Cancelled;
import dev.slipway.failure.CorruptData;
import dev.slipway.failure.Fact.RegistryAnswer;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.Digest;
import dev.slipway.oci.ImageReference;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongConsumer;
import java.util.function.Supplier;

/// Brings blobs and manifests to a registry. Asks before it sends. Thread-safe.
public final class Pusher {
  /// How often a blob is sent anew from its start.
  private static final int ATTEMPTS = 3;

  private final RegistryClient client;
  private final Exchange exchange;
  private final boolean insecure;

  /// A blob was believed to be there, without asking.
  private final AtomicBoolean believed = new AtomicBoolean();

  Pusher(RegistryClient client, Exchange exchange, boolean insecure) {
    this.client = client;
    this.exchange = exchange;
    this.insecure = insecure;
  }

  /// The same for whoever can do without: what fails is not tried again.
  public Pusher once() {
    return new Pusher(client, exchange.once(), insecure);
  }

  /// How a blob got there.
  public enum Outcome {
    THERE_ALREADY,
    MOUNTED,
    SENT
  }

  /// Runs a push into one repository by this pusher: blobs, then the manifests that name them.
  /// Blobs that were seen there lately are not asked for; should the registry refuse something
  /// then, the push runs once more and asks for each.
  public <T> T push(ImageReference name, Supplier<T> blobsAndManifests) {
    try {
      return blobsAndManifests.get();
    } catch (BuildFailure failure) {
      if (!isRefusal(failure) || !believed.get()) {
        throw failure;
      }
      Repository repository =
          client.pushRepository(name, CredentialSource.none(), insecure, Optional.empty());
      client.seen().forget(repository.endpoints().getFirst(), repository.name());
      return blobsAndManifests.get();
    }
  }

  /// Registries have many words for a blob that they miss.
  private static boolean isRefusal(BuildFailure failure) {
    return failure
        .fact(RegistryAnswer.class)
        .map(RegistryAnswer::httpStatus)
        .filter(status -> status >= 400 && status < 500)
        .filter(status -> status != 401 && status != 403 && status != 429)
        .isPresent();
  }

  /// Makes sure the repository has the blob: it is there, or the registry copies it from another
  /// repository of its own, or it is sent. To be called in a [#push].
  ///
  /// @param from repository of the same registry that may hold it
  /// @param content where the bytes are, should they have to be sent
  /// @throws dev.slipway.failure.NotFound it has to be sent and is not here
  public Outcome blob(
      ImageReference name,
      Descriptor descriptor,
      Optional<ImageReference> from,
      CredentialSource credentials,
      Content content) {
    Repository repository = client.pushRepository(name, credentials, insecure, from);
    Endpoint endpoint = repository.endpoints().getFirst();
    Blob blob = new Blob(repository, endpoint, descriptor, content);
    try (UploadTurns.Turn _ =
        client.turns().take(endpoint, repository.name(), descriptor.digest())) {
      if (wasSeen(blob)) {
        return Outcome.THERE_ALREADY;
      }
      if (isThere(blob)) {
        client.seen().note(endpoint, repository.name(), descriptor.digest());
        return Outcome.THERE_ALREADY;
      }
      try (TransferSlots.Slot _ = client.slots().take(endpoint.authority())) {
        Outcome outcome = bring(blob, from);
        client.seen().note(endpoint, repository.name(), descriptor.digest());
        return outcome;
      }
    }
  }

  /// A blob on its way.
  private record Blob(
      Repository repository, Endpoint endpoint, Descriptor descriptor, Content content) {}

  private boolean wasSeen(Blob blob) {
    boolean seen =
        client.seen().has(blob.endpoint, blob.repository.name(), blob.descriptor.digest());
    if (seen) {
      believed.set(true);
      blob.content.progress().accept(blob.descriptor.bytes());
    }
    return seen;
  }

  private boolean isThere(Blob blob) {
    boolean there = blob.repository.has(exchange, blob.descriptor.digest());
    if (there) {
      blob.content.progress().accept(blob.descriptor.bytes());
    }
    return there;
  }

  /// Sends it, anew where the registry lost or spoilt what was sent. An upload that broke may have
  /// ended well all the same, with only the answer lost.
  private Outcome bring(Blob blob, Optional<ImageReference> from) {
    AtomicBoolean broken = new AtomicBoolean();
    for (int attempt = 1; ; attempt++) {
      try {
        return exchange.retry(
            () -> broken.getAndSet(true) && isThere(blob) ? Outcome.SENT : upload(blob, from));
      } catch (BuildFailure failure) {
        if (attempt >= Math.min(ATTEMPTS, exchange.attempts()) || !BlobUpload.isSpoilt(failure)) {
          throw failure;
        }
      }
    }
  }

  /// Sends a blob that is still being written, if there is room for what takes its time: it may be
  /// behind the writing, which it never holds up. The digest is told at the end. Of what fails
  /// nothing is left behind, and with [#blob] it can all be done again.
  ///
  /// @param source not needed afterwards
  /// @param progress told how many bytes are sent
  /// @return empty when it was not begun: registries that refused are not asked again. There
  ///   already is also what somebody else is bringing there
  /// @throws dev.slipway.failure.BuildFailure it came to nothing
  public Optional<Outcome> stream(
      ImageReference name,
      IngestReader source,
      CredentialSource credentials,
      LongConsumer progress) {
    Repository repository = client.pushRepository(name, credentials, insecure, Optional.empty());
    Endpoint endpoint = repository.endpoints().getFirst();
    if (client.refusals().has(endpoint)) {
      return Optional.empty();
    }
    Optional<TransferSlots.Slot> slot = client.slots().tryTakeSpare(endpoint.authority());
    if (slot.isEmpty()) {
      return Optional.empty();
    }
    try (TransferSlots.Slot _ = slot.get()) {
      return Optional.of(
          new StreamedUpload(client, exchange.once(), repository, source, progress).run());
    }
  }

  /// Where bytes to send are.
  ///
  /// @param arrival run before the bytes are read: makes sure that they are here
  /// @param progress told how many bytes are sent
  public record Content(BlobReader blobs, Runnable arrival, LongConsumer progress) {
    /// Of blobs that are here.
    public Content(BlobReader blobs, LongConsumer progress) {
      this(blobs, () -> {}, progress);
    }
  }

  /// Whether the registry has that manifest under that tag or digest already.
  public boolean hasManifest(
      ImageReference name, Descriptor descriptor, CredentialSource credentials) {
    Repository repository = client.pushRepository(name, credentials, insecure, Optional.empty());
    Endpoint endpoint = repository.endpoints().getFirst();
    HttpTransport.Request head =
        repository.request(
            endpoint, "HEAD", manifestPath(name, descriptor), Map.of("Accept", Resolver.ACCEPT));
    return exchange.run(
        head,
        repository.access(),
        Set.of(200, 404),
        answer ->
            answer.status() == 200
                && answer
                    .header("Docker-Content-Digest")
                    .filter(descriptor.digest().toString()::equals)
                    .isPresent());
  }

  /// Puts a manifest or index under the name's tag, or under its digest when the name has no tag.
  public void manifest(
      ImageReference name, Descriptor descriptor, byte[] bytes, CredentialSource credentials) {
    Repository repository = client.pushRepository(name, credentials, insecure, Optional.empty());
    Endpoint endpoint = repository.endpoints().getFirst();
    HttpTransport.Request put =
        withBody(
            repository.request(
                endpoint,
                "PUT",
                manifestPath(name, descriptor),
                Map.of("Content-Type", descriptor.mediaType().value())),
            HttpSender.Body.of(bytes));
    exchange.twice(
        () ->
            exchange.run(
                put,
                repository.access(),
                Set.of(200, 201, 202),
                answer -> requireStored(answer, descriptor)));
  }

  private static boolean requireStored(HttpAnswer answer, Descriptor descriptor) {
    Optional<String> stored = answer.header("Docker-Content-Digest").filter(Digest::isDigest);
    if (stored.isPresent() && !stored.get().equals(descriptor.digest().toString())) {
      throw new CorruptData("registry stored " + stored.get() + " for " + descriptor.digest());
    }
    return true;
  }

  private static String manifestPath(ImageReference name, Descriptor descriptor) {
    return "manifests/" + name.tag().orElseGet(() -> descriptor.digest().toString());
  }

  private Outcome upload(Blob blob, Optional<ImageReference> from) {
    String mount =
        from.map(source -> "?mount=" + blob.descriptor.digest() + "&from=" + source.repository())
            .orElse("");
    Optional<UploadSession> begun = UploadSession.begin(exchange, blob.repository, mount);
    if (begun.isEmpty()) {
      blob.content.progress().accept(blob.descriptor.bytes());
      return Outcome.MOUNTED;
    }
    blob.content.arrival().run();
    try {
      new BlobUpload(begun.get(), exchange.clock(), blob.descriptor, blob.content).run();
    } catch (Cancelled cancelled) {
      begun.get().giveUp();
      throw cancelled;
    }
    return Outcome.SENT;
  }

  private static HttpTransport.Request withBody(
      HttpTransport.Request request, HttpSender.Body body) {
    return new HttpTransport.Request(
        request.endpoint(), request.method(), request.url(), request.headers(), Optional.of(body));
  }
}
