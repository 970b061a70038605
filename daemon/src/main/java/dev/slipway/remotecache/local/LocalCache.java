package dev.slipway.remotecache.local;

import dev.slipway.content.BlobInfo;
import dev.slipway.content.BlobReader;
import dev.slipway.content.ContentStore;
import dev.slipway.failure.CorruptData;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.NotFound;
import dev.slipway.failure.Unavailable;
import dev.slipway.image.Documents;
import dev.slipway.layer.LayerCompression;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.Digest;
import dev.slipway.oci.MediaType;
import dev.slipway.ref.FetchContext;
import dev.slipway.ref.LayerOrigin;
import dev.slipway.ref.RefLayer;
import dev.slipway.remotecache.CacheBackend;
import dev.slipway.remotecache.CacheConfig;
import dev.slipway.remotecache.CachedLayer;
import dev.slipway.remotecache.ExportedCache;
import dev.slipway.remotecache.ImportedConfig;
import dev.slipway.remotecache.LayerBlobs;
import dev.slipway.remotecache.ManifestForm;
import dev.slipway.remotecache.ManifestForm.Document;
import dev.slipway.remotecache.ManifestReader;
import dev.slipway.remotecache.ManifestTarget;
import dev.slipway.session.ContentClient;
import dev.slipway.session.ContentUpload;
import dev.slipway.session.Session;
import dev.slipway.session.Sessions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Caches in directories of clients. The client keeps the directory's index of names: it says which
/// digest to import, and notes the one that was exported. Thread-safe.
public final class LocalCache implements CacheBackend {
  /// Kind of origin of layers that come from a client's cache; the reference is
  /// `<session>/<directory>`.
  public static final String KIND = "local-cache";

  /// What clients' names of such directories start with.
  public static final String PREFIX = "local:";

  private final ContentStore store;
  private final LayerBlobs blobs;

  public LocalCache(ContentStore store, LayerBlobs blobs) {
    this.store = store;
    this.blobs = blobs;
  }

  /// Whether the layer can be had: it is here, or came from elsewhere, or its client is connected.
  public static boolean isObtainable(RefLayer layer, BlobReader content, Sessions sessions) {
    return layer
        .origin()
        .filter(origin -> origin.kind().equals(KIND))
        .map(origin -> origin.reference().substring(0, origin.reference().indexOf('/')))
        .map(
            session ->
                sessions.find(session).isPresent()
                    || layer.blob().flatMap(blob -> content.find(blob.digest())).isPresent())
        .orElse(true);
  }

  @Override
  public String type() {
    return "local";
  }

  @Override
  public Target target(Map<String, String> attributes) {
    String directory = attributes.getOrDefault("dest", "");
    if (directory.isEmpty()) {
      throw new InvalidRequest("local cache exporter requires dest");
    }
    return new LocalTarget(directory, ManifestForm.of(attributes));
  }

  @Override
  public Origin origin(Map<String, String> attributes) {
    String digest = attributes.getOrDefault("digest", "");
    if (digest.isEmpty()) {
      throw new InvalidRequest("local cache importer requires explicit digest");
    }
    String directory = attributes.getOrDefault("src", "");
    if (directory.isEmpty()) {
      throw new InvalidRequest("local cache importer requires src");
    }
    Digest root = Digest.parse(digest);
    return context -> context.sessions().any(session -> read(session, directory, root, context));
  }

  @Override
  public boolean has(CachedLayer layer, FetchContext context) {
    Optional<String> reference =
        layer.origin().filter(from -> from.kind().equals(KIND)).map(LayerOrigin::reference);
    if (reference.isEmpty() || store.find(layer.blob().digest()).isPresent()) {
      return true;
    }
    String directory = reference.get().substring(reference.get().indexOf('/') + 1);
    return context
        .sessions()
        .any(
            session ->
                new ContentClient(session, storeOf(directory))
                    .find(layer.blob().digest())
                    .isPresent());
  }

  /// The client's name of the store. It travels as a header, which holds no other text.
  private static String storeOf(String directory) {
    if (!directory.chars().allMatch(letter -> letter >= ' ' && letter <= '~')) {
      throw new InvalidRequest(
          "header key \"buildkit-attachable-store-id\" contains value with non-printable ASCII characters");
    }
    return PREFIX + directory;
  }

  private static List<ImportedConfig> read(
      Session session, String directory, Digest root, FetchContext context) {
    ContentClient client = new ContentClient(session, storeOf(directory));
    long bytes =
        client
            .find(root)
            .map(BlobInfo::bytes)
            .orElseThrow(() -> new NotFound("content " + root + ": not found"));
    return new ManifestReader(
            document -> document(client, document),
            new LayerOrigin(KIND, session.id() + "/" + directory))
        .read(new Descriptor(new MediaType(""), root, bytes), context);
  }

  private static byte[] document(BlobReader client, Descriptor document) {
    try (InputStream in = Channels.newInputStream(client.open(document.digest()))) {
      byte[] bytes = in.readNBytes(CacheConfig.MAX_BYTES + 1);
      if (bytes.length > CacheConfig.MAX_BYTES) {
        throw new InvalidRequest(
            "document " + document.digest() + " is larger than " + CacheConfig.MAX_BYTES);
      }
      MessageDigest hash = document.digest().newVerifier();
      hash.update(bytes);
      if (!document.digest().matches(hash)) {
        throw new CorruptData("client sent other bytes than " + document.digest());
      }
      return bytes;
    } catch (IOException failed) {
      throw new Unavailable(
          "reading " + document.digest() + " from the client: " + failed.getMessage(), failed);
    }
  }

  private final class LocalTarget implements Target {
    private final String directory;
    private final ManifestForm form;

    private LocalTarget(String directory, ManifestForm form) {
      this.directory = directory;
      this.form = form;
    }

    @Override
    public String name() {
      return "exporting cache to client directory";
    }

    @Override
    public LayerCompression compression() {
      return form.compression();
    }

    @Override
    public Map<String, String> write(ExportedCache cache, FetchContext context) {
      return context.sessions().any(session -> write(cache, session, context));
    }

    private Map<String, String> write(ExportedCache cache, Session session, FetchContext context) {
      ContentClient client = new ContentClient(session, storeOf(directory));
      ContentUpload upload = new ContentUpload(session, storeOf(directory));
      return new ManifestTarget(form)
          .write(
              cache,
              new ManifestTarget.Place() {
                @Override
                public void layer(Descriptor blob, CachedLayer layer) {
                  if (client.find(blob.digest()).isEmpty()) {
                    upload.write(blob, blobs.of(layer, context));
                  }
                }

                @Override
                public void config(Document config) {
                  document(config);
                }

                @Override
                public void manifest(Document manifest) {
                  document(manifest);
                }

                private void document(Document document) {
                  new Documents(store).keep(document.bytes(), Map.of());
                  upload.write(document.descriptor(), store);
                }
              },
              context);
    }
  }
}
