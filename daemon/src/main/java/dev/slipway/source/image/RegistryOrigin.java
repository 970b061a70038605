package dev.slipway.source.image;

import dev.slipway.content.BlobInfo;
import dev.slipway.content.ContentStore;
import dev.slipway.image.Documents;
import dev.slipway.image.ImageOrigin;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.ImageReference;
import dev.slipway.oci.MediaType;
import dev.slipway.oci.json.OciJson;
import dev.slipway.ref.LayerOrigin;
import dev.slipway.registry.CredentialSource;
import dev.slipway.registry.RegistryClient;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/// An image in a registry. A name with a digest is not asked for again when that document came from
/// the same repository before.
record RegistryOrigin(
    RegistryClient client, ContentStore store, ImageReference name, CredentialSource credentials)
    implements ImageOrigin {
  static final String KIND = "registry";

  @Override
  public Descriptor resolve() {
    return known().orElseGet(() -> client.resolver().resolve(name, credentials));
  }

  @Override
  public byte[] fetch(Descriptor descriptor) {
    return client.fetcher().document(name, descriptor, credentials);
  }

  /// containerd's label of where content came from; several repositories are joined by commas.
  @Override
  public Map<String, String> labels() {
    return Map.of(label(), name.repository());
  }

  @Override
  public LayerOrigin layers() {
    return new LayerOrigin(KIND, name.name());
  }

  private Optional<Descriptor> known() {
    return name.digest()
        .flatMap(store::find)
        .filter(this::cameFromHere)
        .flatMap(
            info -> {
              Descriptor untyped = new Descriptor(new MediaType(""), info.digest(), info.bytes());
              return new Documents(store)
                  .find(info.digest())
                  .flatMap(OciJson::mediaTypeOf)
                  .map(untyped::withMediaType);
            });
  }

  private boolean cameFromHere(BlobInfo info) {
    String repositories = info.labels().getOrDefault(label(), "");
    return Arrays.asList(repositories.split(",")).contains(name.repository());
  }

  private String label() {
    return "containerd.io/distribution.source." + name.host();
  }
}
