package dev.slipway.exporter.image;

import dev.slipway.oci.Digest;
import dev.slipway.progress.VertexProgress;
import java.util.Optional;

/// Shows a blob only once some of it is really on its way. Thread-safe: guarded by its monitor.
final class SentItem implements AutoCloseable {
  private final VertexProgress progress;
  private final Digest blob;
  private final long all;
  private Optional<VertexProgress.Item> item = Optional.empty();

  /// @param all how many bytes the blob has
  SentItem(VertexProgress progress, Digest blob, long all) {
    this.progress = progress;
    this.blob = blob;
    this.all = all;
  }

  /// So many bytes are sent; all at once where nothing had to be.
  synchronized void sent(long bytes) {
    if (item.isPresent() || bytes != all) {
      show(bytes);
    }
  }

  /// So many bytes are sent, though perhaps before anybody could be told.
  synchronized void show(long bytes) {
    if (item.isEmpty()) {
      item = Optional.of(progress.start("pushing " + blob));
    }
    item.get().update(bytes, all);
  }

  @Override
  public synchronized void close() {
    item.ifPresent(VertexProgress.Item::close);
  }
}
