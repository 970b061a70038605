package dev.slipway.remotecache.registry;

import dev.slipway.content.BlobReader;
import dev.slipway.content.ContentStore;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Cancelled;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.image.Documents;
import dev.slipway.image.GoValues;
import dev.slipway.layer.LayerCompression;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.ImageReference;
import dev.slipway.ref.FetchContext;
import dev.slipway.ref.LayerOrigin;
import dev.slipway.registry.CredentialSource;
import dev.slipway.registry.Fetcher;
import dev.slipway.registry.Pusher;
import dev.slipway.registry.RegistryClient;
import dev.slipway.registry.Resolver;
import dev.slipway.remotecache.CacheBackend;
import dev.slipway.remotecache.CachedLayer;
import dev.slipway.remotecache.ExportedCache;
import dev.slipway.remotecache.ImportedConfig;
import dev.slipway.remotecache.LayerBlobs;
import dev.slipway.remotecache.ManifestForm;
import dev.slipway.remotecache.ManifestForm.Document;
import dev.slipway.remotecache.ManifestReader;
import dev.slipway.remotecache.ManifestTarget;
import dev.slipway.session.SessionGroup;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// Caches in registries, and inside of images in registries. Thread-safe.
public final class RegistryCache implements CacheBackend {
  /// Kind of origin of layers that come from a registry.
  public static final String KIND = "registry";

  /// The same, where the client accepts any certificate.
  public static final String INSECURE_KIND = "registry-insecure";

  private final RegistryClient client;
  private final Function<SessionGroup, CredentialSource> credentials;
  private final ContentStore store;
  private final LayerBlobs blobs;

  public RegistryCache(
      RegistryClient client,
      Function<SessionGroup, CredentialSource> credentials,
      ContentStore store,
      LayerBlobs blobs) {
    this.client = client;
    this.credentials = credentials;
    this.store = store;
    this.blobs = blobs;
  }

  @Override
  public String type() {
    return "registry";
  }

  @Override
  public Target target(Map<String, String> attributes) {
    return new RegistryTarget(
        name(attributes), isInsecure(attributes), ManifestForm.of(attributes));
  }

  @Override
  public Origin origin(Map<String, String> attributes) {
    ImageReference name = name(attributes);
    boolean insecure = isInsecure(attributes);
    return context -> read(name, insecure, context);
  }

  @Override
  public boolean has(CachedLayer layer, FetchContext context) {
    Optional<LayerOrigin> origin =
        layer
            .origin()
            .filter(from -> from.kind().equals(KIND) || from.kind().equals(INSECURE_KIND));
    if (origin.isEmpty() || store.find(layer.blob().digest()).isPresent()) {
      return true;
    }
    boolean insecure = origin.get().kind().equals(INSECURE_KIND);
    try {
      return (insecure ? client.insecureFetcher() : client.fetcher())
          .has(
              ImageReference.parse(origin.get().reference()),
              layer.blob(),
              credentials.apply(context.sessions()));
    } catch (Cancelled cancelled) {
      throw cancelled;
    } catch (BuildFailure unknown) {
      return false;
    }
  }

  private List<ImportedConfig> read(ImageReference name, boolean insecure, FetchContext context) {
    CredentialSource source = credentials.apply(context.sessions());
    Resolver resolver = insecure ? client.insecureResolver() : client.resolver();
    Fetcher fetcher = insecure ? client.insecureFetcher() : client.fetcher();
    Descriptor root = resolver.resolve(name, source);
    return new ManifestReader(
            document -> fetcher.document(name, document, source),
            new LayerOrigin(insecure ? INSECURE_KIND : KIND, name.name()))
        .read(root, context);
  }

  private static ImageReference name(Map<String, String> attributes) {
    String ref = attributes.getOrDefault("ref", "");
    if (ref.isEmpty()) {
      throw new InvalidRequest("missing ref");
    }
    return ImageReference.parse(ref).withDefaultTag();
  }

  private static boolean isInsecure(Map<String, String> attributes) {
    return Optional.ofNullable(attributes.get("registry.insecure"))
        .map(value -> GoValues.bool("registry.insecure", value))
        .orElse(false);
  }

  private final class RegistryTarget implements Target {
    private final ImageReference name;
    private final boolean insecure;
    private final ManifestForm form;

    private RegistryTarget(ImageReference name, boolean insecure, ManifestForm form) {
      this.name = name;
      this.insecure = insecure;
      this.form = form;
    }

    @Override
    public String name() {
      return "exporting cache to registry";
    }

    @Override
    public LayerCompression compression() {
      return form.compression();
    }

    @Override
    public Map<String, String> write(ExportedCache cache, FetchContext context) {
      Pusher pusher = insecure ? client.insecurePusher() : client.pusher();
      CredentialSource source = credentials.apply(context.sessions());
      ManifestTarget.Place place =
          new ManifestTarget.Place() {
            @Override
            public void layer(Descriptor blob, CachedLayer layer) {
              push(blob, mountable(layer), blobs.of(layer, context));
            }

            @Override
            public void config(Document config) {
              new Documents(store).keep(config.bytes(), Map.of());
              push(config.descriptor(), Optional.empty(), store);
            }

            @Override
            public void manifest(Document manifest) {
              pusher.manifest(name, manifest.descriptor(), manifest.bytes(), source);
            }

            private void push(Descriptor blob, Optional<ImageReference> from, BlobReader reader) {
              pusher.blob(name, blob, from, source, new Pusher.Content(reader, _ -> {}));
            }
          };
      return pusher.push(name, () -> new ManifestTarget(form).write(cache, place, context));
    }

    /// The repository of the same registry that the layer came from.
    private Optional<ImageReference> mountable(CachedLayer layer) {
      return layer
          .origin()
          .filter(origin -> origin.kind().equals(KIND) || origin.kind().equals(INSECURE_KIND))
          .map(origin -> ImageReference.parse(origin.reference()))
          .filter(from -> from.host().equals(name.host()))
          .filter(from -> !from.repository().equals(name.repository()));
    }
  }
}
