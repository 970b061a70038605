package dev.slipway.frontend.dockerfile;

import dev.slipway.frontend.FrontendRef;
import dev.slipway.frontend.FrontendRef.ByteRange;
import dev.slipway.fsutil.Archives;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.time.Instant;
import java.util.Enumeration;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/// When the newest file of an archive was changed: what stands for the time of a download whose
/// server does not tell one.
final class ArchiveTime {
  private static final int CHUNK = 4 << 20;
  private static final int MAGIC = 6;

  /// Enough for `xz -9`; an archive can claim to need a gigabyte and a half.
  private static final int XZ_MEMORY_KIB = 80 << 10;

  private ArchiveTime() {}

  /// Reads the whole file, piece by piece.
  ///
  /// @return empty when it is no archive, or one without files
  static Optional<Instant> newest(FrontendRef tree, String path) {
    try (InputStream bytes =
            new BufferedInputStream(new SequenceInputStream(new Chunks(tree, path)));
        TarArchiveInputStream tar = new TarArchiveInputStream(plain(bytes))) {
      Optional<Instant> newest = Optional.empty();
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        Instant time = entry.getLastModifiedTime().toInstant();
        if (entry.isFile() && newest.map(time::isAfter).orElse(true)) {
          newest = Optional.of(time);
        }
      }
      return newest;
    } catch (IOException | IllegalArgumentException noArchive) {
      return Optional.empty();
    }
  }

  private static InputStream plain(InputStream bytes) throws IOException {
    bytes.mark(MAGIC);
    byte[] start = bytes.readNBytes(MAGIC);
    bytes.reset();
    return switch (Archives.compression(start)) {
      case NONE -> bytes;
      case GZIP -> new GZIPInputStream(bytes);
      case BZIP2 -> new BZip2CompressorInputStream(bytes, true);
      case XZ ->
          XZCompressorInputStream.builder()
              .setInputStream(bytes)
              .setDecompressConcatenated(true)
              .setMemoryLimitKiB(XZ_MEMORY_KIB)
              .get();
    };
  }

  /// A file's bytes in pieces, each read when it is needed.
  private static final class Chunks implements Enumeration<InputStream> {
    private final FrontendRef tree;
    private final String path;
    private long offset;
    private byte[] next;

    private Chunks(FrontendRef tree, String path) {
      this.tree = tree;
      this.path = path;
      this.next = read(0);
    }

    private byte[] read(long from) {
      return tree.readFile(path, Optional.of(new ByteRange(from, CHUNK)));
    }

    @Override
    public boolean hasMoreElements() {
      return next.length > 0;
    }

    @Override
    public InputStream nextElement() {
      byte[] chunk = next;
      if (chunk.length == 0) {
        throw new NoSuchElementException(path + " has ended");
      }
      offset += chunk.length;
      next = chunk.length < CHUNK ? new byte[0] : read(offset);
      return new ByteArrayInputStream(chunk);
    }
  }
}
