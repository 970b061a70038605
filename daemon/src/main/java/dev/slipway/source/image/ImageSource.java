package dev.slipway.source.image;

import dev.slipway.content.ContentStore;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.image.ImageAttributes;
import dev.slipway.image.ImageReader;
import dev.slipway.llb.SourceOp;
import dev.slipway.oci.Digest;
import dev.slipway.oci.ImageReference;
import dev.slipway.oci.Platform;
import dev.slipway.ref.FetchContext;
import dev.slipway.ref.RefDescription.RecordType;
import dev.slipway.ref.RefStore;
import dev.slipway.registry.CredentialSource;
import dev.slipway.registry.RegistryClient;
import dev.slipway.session.SessionGroup;
import dev.slipway.source.ImageResolution;
import dev.slipway.source.Source;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/// Images by name. Their layers stay lazy: only manifest and config are fetched here. Thread-safe.
///
/// The resolve modes are checked and otherwise equal: there is no store of images by name that a
/// name could be found in, so every mode asks the registry, as the genuine daemon's OCI worker
/// does.
public final class ImageSource implements Source {
  private final RegistryClient client;
  private final ContentStore store;
  private final RefStore refs;
  private final Function<SessionGroup, CredentialSource> credentials;

  /// @param credentials who knows the passwords for a piece of work
  public ImageSource(
      RegistryClient client,
      ContentStore store,
      RefStore refs,
      Function<SessionGroup, CredentialSource> credentials) {
    this.client = client;
    this.store = store;
    this.refs = refs;
    this.credentials = credentials;
  }

  @Override
  public Set<String> schemes() {
    return Set.of("docker-image");
  }

  @Override
  public Resolution resolve(SourceOp op, Platform platform) {
    ImageReference name = ImageReference.parse(op.rest());
    if (name.tag().isEmpty() && name.digest().isEmpty()) {
      throw new InvalidRequest("object required: \"" + name + "\"");
    }
    Map<String, String> attributes = op.attributes();
    requireResolveMode(attributes.getOrDefault("image.resolvemode", "default"));
    ImageResolution.Wanted wanted =
        new ImageResolution.Wanted(
            name.toString(),
            platform,
            ImageAttributes.layerLimit(Optional.ofNullable(attributes.get("image.layerlimit"))),
            checksum(attributes),
            recordType(attributes.getOrDefault("image.recordtype", "")));
    return new ImageResolution(
        new ImageReader(store), refs, wanted, context -> origin(name, context));
  }

  private RegistryOrigin origin(ImageReference name, FetchContext context) {
    return new RegistryOrigin(client, store, name, credentials.apply(context.sessions()));
  }

  static void requireResolveMode(String mode) {
    if (!Set.of("", "default", "pull", "local").contains(mode)) {
      throw new InvalidRequest("invalid resolvemode: " + mode);
    }
  }

  private static Optional<Digest> checksum(Map<String, String> attributes) {
    String text = attributes.get("image.checksum");
    try {
      return Optional.ofNullable(text).map(Digest::parse);
    } catch (InvalidRequest bad) {
      throw bad.in("invalid image checksum " + text);
    }
  }

  private static RecordType recordType(String text) {
    return switch (text) {
      case "", "regular" -> RecordType.REGULAR;
      case "internal" -> RecordType.INTERNAL;
      case "frontend" -> RecordType.FRONTEND;
      default -> throw new InvalidRequest("invalid record type " + text);
    };
  }
}
