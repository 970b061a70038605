package dev.slipway.layer;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Cancelled;
import dev.slipway.layer.EstargzWriter.Written;
import dev.slipway.task.TaskScope;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;

/// Takes an archive and writes it as an estargz layer. The archive is taken apart on a thread of
/// its own, as it comes. Confined to one thread.
final class EstargzStream extends OutputStream {
  private final ChunkPipe pipe = new ChunkPipe();
  private final TaskScope.Forked<Written> writing;
  private byte[] buffer = pipe.takeFree();
  private int filled;
  private Optional<Written> written = Optional.empty();
  private boolean closed;

  /// @param out not closed
  EstargzStream(OutputStream out, GzipForm form, TaskScope scope) {
    InputStream archive = pipe.reader();
    writing = scope.fork(() -> write(new EstargzWriter(out, form, scope), archive));
  }

  private static Written write(EstargzWriter writer, InputStream archive) throws IOException {
    try {
      return writer.write(archive);
    } catch (Cancelled cancelled) {
      throw cancelled;
    } catch (BuildFailure | IOException failed) {
      // Whoever writes must not wait for a reader that is gone.
      archive.transferTo(OutputStream.nullOutputStream());
      throw failed;
    }
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    int at = offset;
    int left = length;
    while (left > 0) {
      int count = Math.min(left, buffer.length - filled);
      System.arraycopy(bytes, at, buffer, filled, count);
      filled += count;
      at += count;
      left -= count;
      if (filled == buffer.length) {
        hand();
      }
    }
  }

  private void hand() {
    pipe.put(buffer, filled);
    buffer = pipe.takeFree();
    filled = 0;
  }

  /// Waits until the layer is whole.
  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    if (filled > 0) {
      pipe.put(buffer, filled);
    }
    pipe.end();
    written = Optional.of(writing.result());
  }

  /// What was written; only after closing.
  Written written() {
    return written.orElseThrow(() -> new IllegalStateException("not closed"));
  }
}
