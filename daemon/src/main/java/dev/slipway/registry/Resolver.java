package dev.slipway.registry;

import dev.slipway.failure.CorruptData;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.NotFound;
import dev.slipway.failure.Unavailable;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.Digest;
import dev.slipway.oci.ImageReference;
import dev.slipway.oci.MediaType;
import dev.slipway.oci.json.OciJson;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Finds what a name points at now. Thread-safe.
public final class Resolver {
  /// Largest manifest or index accepted, in bytes, as containerd's.
  public static final int MAX_MANIFEST = 8 << 20;

  static final String ACCEPT =
      String.join(
          ", ",
          MediaType.DOCKER_MANIFEST.value(),
          MediaType.DOCKER_LIST.value(),
          MediaType.OCI_MANIFEST.value(),
          MediaType.OCI_INDEX.value(),
          "*/*");

  private final RegistryClient client;

  private final boolean insecure;

  Resolver(RegistryClient client, boolean insecure) {
    this.client = client;
    this.insecure = insecure;
  }

  /// Asks the registry, or its mirrors first, without fetching the manifest where that can be
  /// avoided.
  ///
  /// @param name with a tag or a digest; the digest counts when both are there
  /// @return type, digest and size of the index or manifest
  /// @throws NotFound `<name>: not found`
  /// @throws dev.slipway.failure.BuildFailure what the registry answered, or that it did not
  public Descriptor resolve(ImageReference name, CredentialSource credentials) {
    ImageReference full = name.withDefaultTag();
    Repository repository = client.repository(full, credentials, "pull", insecure);
    try {
      return repository.first(endpoint -> resolveAt(repository, endpoint, full));
    } catch (NotFound missing) {
      throw new NotFound(full + ": not found", missing)
          .with(missing.facts().isEmpty() ? none(full) : missing.facts().getFirst());
    }
  }

  private static dev.slipway.failure.Fact none(ImageReference name) {
    return new dev.slipway.failure.Fact.RegistryAnswer(name.host(), 404, "", "");
  }

  private Descriptor resolveAt(Repository repository, Endpoint endpoint, ImageReference name) {
    String path = "manifests/" + name.digest().map(Digest::toString).or(name::tag).orElse("latest");
    HttpTransport.Request head =
        repository.request(endpoint, "HEAD", path, Map.of("Accept", ACCEPT));
    Optional<Descriptor> told =
        client
            .exchange()
            .retry(
                () -> {
                  try (HttpAnswer answer = client.exchange().send(head, repository.access())) {
                    return switch (answer.status()) {
                      case 200 -> fromHeaders(answer, name.digest());
                      // Some servers know no HEAD here.
                      case 400, 405 -> Optional.<Descriptor>empty();
                      default -> throw client.exchange().failure(answer, repository.access());
                    };
                  }
                });
    return told.orElseGet(() -> fromDocument(repository, endpoint, path, name.digest()));
  }

  private static Optional<Descriptor> fromHeaders(HttpAnswer answer, Optional<Digest> expected) {
    Optional<Digest> digest =
        answer
            .header("Docker-Content-Digest")
            .filter(Digest::isDigest)
            .map(Digest::parse)
            .or(() -> expected);
    Optional<MediaType> type = mediaType(answer);
    if (digest.isEmpty() || type.isEmpty() || answer.contentLength().isEmpty()) {
      return Optional.empty();
    }
    if (expected.isPresent() && !expected.get().equals(digest.get())) {
      return Optional.empty(); // the document itself will tell
    }
    return Optional.of(
        new Descriptor(type.get(), digest.get(), answer.contentLength().getAsLong()));
  }

  private Descriptor fromDocument(
      Repository repository, Endpoint endpoint, String path, Optional<Digest> expected) {
    HttpTransport.Request get = repository.request(endpoint, "GET", path, Map.of("Accept", ACCEPT));
    return client
        .exchange()
        .twice(
            () ->
                client
                    .exchange()
                    .run(
                        get,
                        repository.access(),
                        Set.of(200),
                        answer -> {
                          byte[] bytes = readAll(answer, MAX_MANIFEST);
                          Digest digest = Digest.ofBytes(bytes);
                          if (expected.isPresent()
                              && expected.get().algorithm().equals("sha256")
                              && !expected.get().equals(digest)) {
                            throw new CorruptData(
                                "registry answered "
                                    + digest
                                    + " when asked for "
                                    + expected.get());
                          }
                          MediaType type =
                              mediaType(answer)
                                  .or(() -> OciJson.mediaTypeOf(bytes))
                                  .orElseThrow(
                                      () ->
                                          new InvalidRequest(
                                              "manifest " + digest + " is of unknown type"));
                          return new Descriptor(type, expected.orElse(digest), bytes.length);
                        }));
  }

  private static Optional<MediaType> mediaType(HttpAnswer answer) {
    return answer
        .header("Content-Type")
        .map(type -> type.split(";", 2)[0].strip())
        .filter(type -> type.startsWith("application/vnd."))
        .map(MediaType::new);
  }

  /// Reads the whole body, refusing to read more than that.
  static byte[] readAll(HttpAnswer answer, int limit) {
    try {
      byte[] bytes = answer.body().readNBytes(limit + 1);
      if (bytes.length > limit) {
        throw new InvalidRequest(
            "answer of "
                + WireErrors.redacted(answer.uri())
                + " is larger than "
                + limit
                + " bytes");
      }
      return bytes;
    } catch (IOException cut) {
      throw new Unavailable(
          "reading " + WireErrors.redacted(answer.uri()) + ": " + cut.getMessage(), cut);
    }
  }
}
