package dev.slipway.source.ocilayout;

import dev.slipway.content.BlobReader;
import dev.slipway.content.ContentStore;
import dev.slipway.content.Ingest;
import dev.slipway.failure.NotFound;
import dev.slipway.failure.Unavailable;
import dev.slipway.image.BlobFlights;
import dev.slipway.oci.Descriptor;
import dev.slipway.progress.VertexProgress;
import dev.slipway.ref.FetchContext;
import dev.slipway.ref.LayerFetcher;
import dev.slipway.ref.LayerOrigin;
import dev.slipway.session.Sessions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// Fetches layers from stores that clients offer: OCI layouts, local caches. Thread-safe.
public final class LayoutLayerFetcher implements LayerFetcher {
  private static final int BUFFER = 256 * 1024;

  private final ContentStore store;
  private final Sessions sessions;
  private final ClientLayouts layouts;
  private final String prefix;
  private final BlobFlights flights = new BlobFlights();

  public LayoutLayerFetcher(ContentStore store, Sessions sessions, ClientLayouts layouts) {
    this(store, sessions, layouts, "oci:");
  }

  /// @param prefix the kind in the clients' names of stores: `oci:`, `local:`
  public LayoutLayerFetcher(
      ContentStore store, Sessions sessions, ClientLayouts layouts, String prefix) {
    this.prefix = prefix;
    this.store = store;
    this.sessions = sessions;
    this.layouts = layouts;
  }

  @Override
  public void fetch(Descriptor blob, LayerOrigin origin, FetchContext context) {
    if (store.find(blob.digest()).isPresent()) {
      return;
    }
    int slash = origin.reference().indexOf('/');
    String session = origin.reference().substring(0, Math.max(slash, 0));
    String name = origin.reference().substring(slash + 1);
    LayoutOrigin.Access access =
        new LayoutOrigin.Access(sessions, layouts, context.sessions(), prefix);
    try (VertexProgress.Item item = context.progress().start(blob.digest().toString())) {
      item.update(0, blob.bytes());
      flights.join(
          blob.digest(),
          () ->
              fromAnyone(
                  access,
                  session,
                  name,
                  blobs -> {
                    copy(blobs, blob, item);
                    return true;
                  }));
      item.update(blob.bytes(), blob.bytes());
    }
  }

  /// The client that offered the layer may have gone; another of the build may offer the same
  /// layout.
  private static void fromAnyone(
      LayoutOrigin.Access access,
      String session,
      String name,
      java.util.function.Function<BlobReader, Boolean> work) {
    if (session.isEmpty()) {
      access.with("", name, work);
      return;
    }
    try {
      access.with(session, name, work);
    } catch (NotFound | Unavailable gone) {
      access.with("", name, work);
    }
  }

  private void copy(BlobReader blobs, Descriptor blob, VertexProgress.Item item) {
    try (Ingest ingest = store.ingest(blob.digest().toString());
        SeekableByteChannel channel = blobs.open(blob.digest())) {
      if (ingest.offset() > blob.bytes()) {
        ingest.truncate();
      }
      channel.position(ingest.offset());
      ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
      while (ingest.offset() < blob.bytes() && channel.read(buffer) >= 0) {
        ingest.write(buffer.flip());
        buffer.clear();
        item.update(ingest.offset(), blob.bytes());
      }
      Map<String, String> labels =
          blob.diffId()
              .map(diffId -> Map.of(Descriptor.UNCOMPRESSED, diffId.toString()))
              .orElse(Map.of());
      ingest.commit(Optional.of(blob.digest()), OptionalLong.of(blob.bytes()), labels);
    } catch (IOException failed) {
      throw new Unavailable(
          "reading " + blob.digest() + " from the client: " + failed.getMessage(), failed);
    }
  }
}
