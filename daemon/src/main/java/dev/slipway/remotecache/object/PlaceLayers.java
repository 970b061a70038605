package dev.slipway.remotecache.object;

import dev.slipway.content.ContentStore;
import dev.slipway.content.Ingest;
import dev.slipway.failure.Unavailable;
import dev.slipway.image.BlobFlights;
import dev.slipway.oci.Descriptor;
import dev.slipway.progress.VertexProgress;
import dev.slipway.ref.FetchContext;
import dev.slipway.ref.LayerFetcher;
import dev.slipway.ref.LayerOrigin;
import dev.slipway.task.Clock;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// Fetches layers from known places; a transfer that breaks goes on where it stopped, as long as
/// each attempt brings something. Thread-safe.
public final class PlaceLayers implements LayerFetcher {
  private static final int BUFFER = 256 * 1024;
  private static final int FRUITLESS = 3;
  private static final Duration PAUSE = Duration.ofMillis(500);

  private final ContentStore store;
  private final KnownPlaces known;
  private final Clock clock;
  private final BlobFlights flights = new BlobFlights();

  public PlaceLayers(ContentStore store, KnownPlaces known, Clock clock) {
    this.store = store;
    this.known = known;
    this.clock = clock;
  }

  @Override
  public void fetch(Descriptor blob, LayerOrigin origin, FetchContext context) {
    if (store.find(blob.digest()).isPresent()) {
      return;
    }
    ObjectPlace place = known.require(origin, blob);
    try (VertexProgress.Item item = context.progress().start(blob.digest().toString())) {
      item.update(0, blob.bytes());
      flights.join(blob.digest(), () -> bring(place, blob, item));
      item.update(blob.bytes(), blob.bytes());
    }
  }

  private void bring(ObjectPlace place, Descriptor blob, VertexProgress.Item item) {
    try (Ingest ingest = store.ingest(blob.digest().toString())) {
      if (ingest.offset() > blob.bytes()) {
        ingest.truncate();
      }
      for (int fruitless = 0; ingest.offset() < blob.bytes(); ) {
        long before = ingest.offset();
        try (InputStream in = place.open(blob, before)) {
          copy(in, ingest, blob, item);
        } catch (IOException broken) {
          fruitless = ingest.offset() > before ? 0 : fruitless + 1;
          if (fruitless == FRUITLESS) {
            throw new Unavailable(
                "reading layer " + blob.digest() + ": " + broken.getMessage(), broken);
          }
          clock.sleep(PAUSE);
        }
      }
      Map<String, String> labels =
          blob.diffId()
              .map(diffId -> Map.of(Descriptor.UNCOMPRESSED, diffId.toString()))
              .orElse(Map.of());
      ingest.commit(Optional.of(blob.digest()), OptionalLong.of(blob.bytes()), labels);
    }
  }

  private static void copy(InputStream in, Ingest ingest, Descriptor blob, VertexProgress.Item item)
      throws IOException {
    byte[] buffer = new byte[BUFFER];
    while (ingest.offset() < blob.bytes()) {
      long left = blob.bytes() - ingest.offset();
      int length = in.read(buffer, 0, (int) Math.min(buffer.length, left));
      if (length < 0) {
        throw new IOException("ended " + left + " bytes early");
      }
      ingest.write(ByteBuffer.wrap(buffer, 0, length));
      item.update(ingest.offset(), blob.bytes());
    }
  }
}
