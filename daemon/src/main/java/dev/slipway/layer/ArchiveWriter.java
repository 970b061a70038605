package dev.slipway.layer;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Instant;

/// Writes plain tar archives whose entries carry no time and no owner. Confined to one thread.
public final class ArchiveWriter implements AutoCloseable {
  private final TarWriter tar;
  private final byte[] buffer = new byte[ChunkPipe.CHUNK];

  /// @param out not closed
  public ArchiveWriter(OutputStream out) {
    this.tar = new TarWriter(out);
  }

  /// @param name ends in `/`
  public void directory(String name) throws IOException {
    tar.startPlain(TarEntry.of(name, TarEntry.Type.DIRECTORY, 0755, Instant.EPOCH));
  }

  /// @param content at least that many bytes
  /// @throws EOFException there are fewer
  public void file(String name, int mode, long bytes, InputStream content) throws IOException {
    tar.startPlain(TarEntry.of(name, TarEntry.Type.FILE, mode, Instant.EPOCH).withBytes(bytes));
    for (long left = bytes; left > 0; ) {
      int count = content.read(buffer, 0, (int) Math.min(buffer.length, left));
      if (count < 0) {
        throw new EOFException("content of " + name + " ends early");
      }
      tar.write(buffer, 0, count);
      left -= count;
    }
  }

  /// Writes the end marks.
  @Override
  public void close() throws IOException {
    tar.close();
  }
}
