package dev.slipway.exporter.image;

import dev.slipway.content.BlobInfo;
import dev.slipway.content.IngestReader;
import dev.slipway.progress.VertexProgress;
import java.util.Optional;

/// Shows a blob that is sent while it is being written, as soon as it has a name. Thread-safe:
/// guarded by its monitor.
final class StreamedItem implements AutoCloseable {
  private final VertexProgress progress;
  private final IngestReader reader;
  private Optional<SentItem> item = Optional.empty();

  StreamedItem(VertexProgress progress, IngestReader reader) {
    this.progress = progress;
    this.reader = reader;
  }

  synchronized void sent(long bytes) {
    reader.committed().ifPresent(blob -> itemOf(blob).show(bytes));
  }

  synchronized void sentAll() {
    reader.committed().ifPresent(blob -> itemOf(blob).show(blob.bytes()));
  }

  private SentItem itemOf(BlobInfo blob) {
    if (item.isEmpty()) {
      item = Optional.of(new SentItem(progress, blob.digest(), blob.bytes()));
    }
    return item.get();
  }

  @Override
  public synchronized void close() {
    item.ifPresent(SentItem::close);
  }
}
