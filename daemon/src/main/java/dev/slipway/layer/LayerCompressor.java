package dev.slipway.layer;

import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import dev.slipway.task.TaskScope;
import java.io.IOException;
import java.io.OutputStream;

/// Compresses a stream with all cores; the bytes are the same for any number of them.
final class LayerCompressor {
  /// Level of zstd when none is asked for.
  private static final int ZSTD_LEVEL = 3;

  private static final int GZIP_LEVEL = 6;

  private LayerCompressor() {}

  /// Opens a stream that compresses what is written into the target. Closing it ends the compressed
  /// data and leaves the target open.
  ///
  /// @param scope where parallel work runs; must outlive the stream
  static OutputStream open(LayerCompression compression, OutputStream target, TaskScope scope)
      throws IOException {
    return open(compression, target, Runtime.getRuntime().availableProcessors(), scope);
  }

  /// @param threads how many may compress at once
  static OutputStream open(
      LayerCompression compression, OutputStream target, int threads, TaskScope scope)
      throws IOException {
    return switch (compression.kind()) {
      case UNCOMPRESSED -> new Kept(target);
      case GZIP -> new ParallelGzip(target, compression.level().orElse(GZIP_LEVEL), threads, scope);
      case ESTARGZ ->
          new EstargzStream(
              target, Math.clamp(compression.level().orElse(GZIP_LEVEL), 0, 9), scope);
      case ZSTD -> zstd(target, compression.level().orElse(ZSTD_LEVEL), threads);
    };
  }

  /// Zstandard cuts the input into jobs of a size that depends on the level only, as soon as there
  /// is at least one worker, so any number of workers gives the same bytes.
  private static OutputStream zstd(OutputStream target, int level, int threads) throws IOException {
    ZstdOutputStreamNoFinalizer out = new ZstdOutputStreamNoFinalizer(new Kept(target));
    out.setLevel(Math.clamp(level, 1, 22));
    out.setWorkers(Math.clamp(threads, 1, 8));
    out.setChecksum(false);
    return out;
  }

  /// Passes everything on but the closing.
  private static final class Kept extends OutputStream {
    private final OutputStream out;

    private Kept(OutputStream out) {
      this.out = out;
    }

    @Override
    public void write(int b) throws IOException {
      out.write(b);
    }

    @Override
    public void write(byte[] buffer, int offset, int length) throws IOException {
      out.write(buffer, offset, length);
    }
  }
}
