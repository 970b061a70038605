package dev.slipway.remotecache;

import dev.slipway.failure.NotFound;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.Digest;
import dev.slipway.oci.MediaType;
import dev.slipway.progress.ProgressSink;
import dev.slipway.progress.VertexProgress;
import dev.slipway.ref.FetchContext;
import dev.slipway.ref.LayerOrigin;
import dev.slipway.session.Session;
import dev.slipway.session.SessionGroup;
import dev.slipway.session.Sessions;
import dev.slipway.task.Clock;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Caches that the genuine daemon (v0.32.2) exported, and what reads them.
final class Recorded {
  static final byte[] CONFIG = resource("config.json");
  static final byte[] MANIFEST = resource("manifest.json");
  static final byte[] INLINE_MANIFEST = resource("inline-manifest.json");
  static final byte[] INLINE_IMAGE = resource("inline-image.json");

  private Recorded() {}

  static List<ImportedConfig> read(byte[] root, byte[]... others) {
    Map<Digest, byte[]> documents = new HashMap<>();
    documents.put(Digest.ofBytes(root), root);
    for (byte[] other : others) {
      documents.put(Digest.ofBytes(other), other);
    }
    return new ManifestReader(
            descriptor -> Optional.ofNullable(documents.get(descriptor.digest())).orElseThrow(),
            new LayerOrigin("registry", "example.com/cache"))
        .read(new Descriptor(MediaType.OCI_MANIFEST, Digest.ofBytes(root), root.length), context());
  }

  static FetchContext context() {
    return new FetchContext(
        new SessionGroup(new NoSessions(), List::of),
        new VertexProgress(Digest.ofText("test"), ProgressSink.none(), Clock.system()));
  }

  private static final class NoSessions implements Sessions {
    @Override
    public Session require(String id) {
      throw new NotFound("no active session for " + id);
    }

    @Override
    public Optional<Session> find(String id) {
      return Optional.empty();
    }
  }

  private static byte[] resource(String name) {
    try (InputStream in = Recorded.class.getResourceAsStream(name)) {
      return Optional.ofNullable(in).orElseThrow().readAllBytes();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }
}
