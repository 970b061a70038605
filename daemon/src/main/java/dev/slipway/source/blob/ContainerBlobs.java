package dev.slipway.source.blob;

import dev.slipway.content.BlobReader;
import dev.slipway.content.ContentStore;
import dev.slipway.failure.CorruptData;
import dev.slipway.failure.NotFound;
import dev.slipway.failure.Unavailable;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.ImageReference;
import dev.slipway.ref.FetchContext;
import dev.slipway.registry.CredentialSource;
import dev.slipway.registry.RegistryClient;
import dev.slipway.session.Session;
import dev.slipway.session.SessionGroup;
import dev.slipway.session.Sessions;
import dev.slipway.source.BlobFetch;
import dev.slipway.source.BlobLocator;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.function.BiFunction;
import java.util.function.Function;

/// Fetches blobs from registries and clients' OCI layouts. What comes from a registry stays in the
/// content store for a while. Thread-safe.
public final class ContainerBlobs implements BlobFetch {
  private final RegistryClient registries;
  private final ContentStore store;
  private final Function<SessionGroup, CredentialSource> credentials;
  private final Sessions sessions;
  private final BiFunction<Session, String, BlobReader> layouts;

  /// @param layouts opens a client's content store by its name with its kind: `oci:<name>`
  public ContainerBlobs(
      RegistryClient registries,
      ContentStore store,
      Function<SessionGroup, CredentialSource> credentials,
      Sessions sessions,
      BiFunction<Session, String, BlobReader> layouts) {
    this.registries = registries;
    this.store = store;
    this.credentials = credentials;
    this.sessions = sessions;
    this.layouts = layouts;
  }

  @Override
  public void fetch(BlobLocator blob, Path file, FetchContext context) {
    switch (blob.place()) {
      case REGISTRY -> fromRegistry(blob, file, context);
      case OCI_LAYOUT -> fromLayout(blob, file, context);
    }
  }

  private void fromRegistry(BlobLocator blob, Path file, FetchContext context) {
    ImageReference name = ImageReference.parse(blob.name());
    CredentialSource secrets = credentials.apply(context.sessions());
    Descriptor described = registries.fetcher().describe(name, blob.digest(), secrets);
    registries.fetcher().blob(name, described, secrets, store, _ -> {});
    copy(store, blob, file);
  }

  private void fromLayout(BlobLocator blob, Path file, FetchContext context) {
    if (blob.session().isEmpty()) {
      context
          .sessions()
          .any(
              session -> {
                copyFrom(session, blob, file);
                return true;
              });
    } else {
      copyFrom(sessions.require(blob.session()), blob, file);
    }
  }

  private void copyFrom(Session session, BlobLocator blob, Path file) {
    copy(layouts.apply(session, "oci:" + blob.storeName()), blob, file);
  }

  /// What another client has sent of it before is replaced.
  private static void copy(BlobReader blobs, BlobLocator blob, Path file) {
    if (blobs.find(blob.digest()).isEmpty()) {
      throw new NotFound("content " + blob.digest() + ": not found");
    }
    MessageDigest hash = blob.digest().newVerifier();
    try (InputStream in = Channels.newInputStream(blobs.open(blob.digest()));
        OutputStream out =
            new DigestOutputStream(
                Files.newOutputStream(
                    file,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING,
                    StandardOpenOption.WRITE),
                hash)) {
      in.transferTo(out);
    } catch (IOException failed) {
      throw new Unavailable("reading " + blob.reference() + ": " + failed.getMessage(), failed);
    }
    if (!blob.digest().matches(hash)) {
      throw new CorruptData("other bytes than " + blob.digest() + " came for " + blob.name());
    }
  }
}
