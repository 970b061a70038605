package dev.slipway.source.blob;

import dev.slipway.failure.InvalidRequest;
import dev.slipway.kernel.Kernel;
import dev.slipway.llb.SourceOp;
import dev.slipway.oci.Digest;
import dev.slipway.oci.Platform;
import dev.slipway.ref.FetchContext;
import dev.slipway.ref.ImmutableRef;
import dev.slipway.ref.MutableRef;
import dev.slipway.ref.RefDescription;
import dev.slipway.ref.RefDescription.RecordType;
import dev.slipway.ref.RefStore;
import dev.slipway.snapshot.Mounter.MountedTree;
import dev.slipway.source.AskedFile;
import dev.slipway.source.BlobFetch;
import dev.slipway.source.BlobLocator;
import dev.slipway.source.KeyJson;
import dev.slipway.source.Source;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A blob of a registry or an OCI layout as one file (BuildKit v0.32.2, `source/containerblob`).
/// Thread-safe.
public final class BlobSource implements Source {
  private final RefStore refs;
  private final Kernel kernel;
  private final BlobFetch blobs;

  public BlobSource(RefStore refs, Kernel kernel, BlobFetch blobs) {
    this.refs = refs;
    this.kernel = kernel;
    this.blobs = blobs;
  }

  @Override
  public Set<String> schemes() {
    return Set.of(BlobLocator.Place.REGISTRY.scheme(), BlobLocator.Place.OCI_LAYOUT.scheme());
  }

  @Override
  public Resolution resolve(SourceOp op, Platform platform) {
    Map<String, String> attributes = op.attributes();
    boolean layout = op.scheme().equals(BlobLocator.Place.OCI_LAYOUT.scheme());
    String store = layout ? attributes.getOrDefault("oci.store", "") : "";
    if (layout && store.isEmpty()) {
      throw new InvalidRequest("oci-layout blob source requires store id");
    }
    String session = layout ? attributes.getOrDefault("oci.session", "") : "";
    return new BlobResolution(
        BlobLocator.parse(op.identifier(), session, store),
        AskedFile.of(attributes),
        recordType(attributes.getOrDefault("image.recordtype", "")));
  }

  private static RecordType recordType(String text) {
    return switch (text) {
      case "", "regular" -> RecordType.REGULAR;
      case "internal" -> RecordType.INTERNAL;
      case "frontend" -> RecordType.FRONTEND;
      default -> throw new InvalidRequest("invalid record type " + text);
    };
  }

  private final class BlobResolution implements Resolution {
    private final BlobLocator blob;
    private final AskedFile file;
    private final RecordType type;

    BlobResolution(BlobLocator blob, AskedFile file, RecordType type) {
      this.blob = blob;
      this.file = file;
      this.type = type;
    }

    /// Needs nothing but the definition.
    @Override
    public Key key(int number, FetchContext context) {
      String json =
          new KeyJson()
              .text("Digest", blob.digest().toString())
              .text("Filename", filename().orElse(""))
              .number("Perm", file.perm())
              .number("UID", file.uid())
              .number("GID", file.gid())
              .end();
      return new Key(Digest.ofText(json).toString(), Optional.of(blob.digest().toString()), true);
    }

    private Optional<String> filename() {
      return Optional.of(file.filename()).filter(name -> !name.isEmpty()).map(AskedFile::safeName);
    }

    @Override
    public Optional<ImmutableRef> open(FetchContext context) {
      RefDescription description = new RefDescription("blob " + blob.reference(), type);
      try (MutableRef tree = refs.newMutable(Optional.empty(), description, context)) {
        try (MountedTree mounted = tree.openTree()) {
          Path path = mounted.root().resolve(filename().orElseGet(() -> blob.digest().hex()));
          blobs.fetch(blob, path, context);
          file.applyTo(path, 0, kernel);
        }
        return Optional.of(tree.commit());
      }
    }
  }
}
