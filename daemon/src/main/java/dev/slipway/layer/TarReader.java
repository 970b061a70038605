package dev.slipway.layer;

import dev.slipway.failure.CorruptData;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// Reads tar archives of any of the usual forms: V7, USTAR, PAX, GNU (long names, large numbers,
/// sparse files). Headers are bounded, unknown kinds refused. Confined to one thread.
final class TarReader {
  /// Longest extended header or long name accepted, as in Go's reader.
  static final int MAX_SPECIAL = 1 << 20;

  private static final int BLOCK = TarWriter.BLOCK;

  private final InputStream in;
  private final byte[] block = new byte[BLOCK];
  private long contentLeft;
  private int padding;
  private boolean extended;

  /// @param in read ahead by nobody: what follows the archive's end is left in it
  TarReader(InputStream in) {
    this.in = in;
  }

  /// The next entry; what is left of the last one's content is skipped.
  ///
  /// @return empty at the archive's end
  Optional<TarEntry> next() throws IOException {
    SortedMap<String, byte[]> records = new TreeMap<>();
    Optional<String> longName = Optional.empty();
    Optional<String> longLink = Optional.empty();
    extended = false;
    while (true) {
      skipContent();
      if (!readBlock()) {
        return Optional.empty();
      }
      byte flag = block[156];
      switch (flag) {
        case 'x' -> {
          extended = true;
          records = TarRecords.parse(readSpecial());
        }
        case 'g' -> readSpecial();
        case 'L' -> longName = Optional.of(cString(readSpecial()));
        case 'K' -> longLink = Optional.of(cString(readSpecial()));
        default -> {
          return Optional.of(entry(flag, records, longName, longLink));
        }
      }
    }
  }

  /// Whether the current entry came with extended (PAX) records.
  boolean isExtended() {
    return extended;
  }

  /// Reads stored content of the current entry.
  ///
  /// @return number of bytes, -1 at the end of the content
  int read(byte[] buffer, int offset, int length) throws IOException {
    if (contentLeft == 0) {
      return -1;
    }
    int count = in.read(buffer, offset, (int) Math.min(length, contentLeft));
    if (count < 0) {
      throw new CorruptData("unexpected end of the archive");
    }
    contentLeft -= count;
    return count;
  }

  private TarEntry entry(
      byte flag,
      SortedMap<String, byte[]> records,
      Optional<String> longName,
      Optional<String> longLink)
      throws IOException {
    boolean gnu = block[257 + 5] == ' ';
    String name = longName.orElseGet(() -> headerName(gnu));
    String link = longLink.orElseGet(() -> text(157, 100));
    long stored = number(124, 12);
    int major = (int) number(329, 8);
    int minor = (int) number(337, 8);
    TarEntry.Type type = typeOf(flag, name);
    TarEntry plain =
        TarEntry.of(name, type, (int) number(100, 8) & 07777, instant(number(136, 12), 0))
            .withOwner(owner(number(108, 8)), owner(number(116, 8)));
    if (type == TarEntry.Type.CHARACTER_DEVICE || type == TarEntry.Type.BLOCK_DEVICE) {
      plain = plain.withDevice(major, minor);
    }
    byte[] header = block.clone();
    TarRecords.Applied applied = TarRecords.apply(plain, link, stored, records);
    begin(type, applied.stored());
    if (type != TarEntry.Type.FILE) {
      return applied.entry();
    }
    return sparse(flag, header, applied);
  }

  private TarEntry sparse(byte flag, byte[] header, TarRecords.Applied applied) throws IOException {
    TarSparse sparse = new TarSparse(this::readContentBlock);
    Optional<TarSparse.Shape> shape =
        flag == 'S' ? Optional.of(sparse.ofGnu(header, in)) : sparse.ofPax(applied.sparse());
    if (shape.isEmpty()) {
      return applied.entry().withBytes(applied.stored());
    }
    TarEntry entry = applied.entry();
    return new TarEntry(
        shape.get().name().orElse(entry.name()),
        entry.type(),
        entry.mode(),
        entry.uid(),
        entry.gid(),
        shape.get().bytes(),
        entry.modified(),
        entry.linkName(),
        entry.device(),
        entry.records(),
        shape.get().extents().isEmpty()
            ? List.of(new TarEntry.Extent(0, 0))
            : shape.get().extents());
  }

  private void begin(TarEntry.Type type, long stored) {
    if (stored < 0) {
      throw new CorruptData("entry of negative size in the archive");
    }
    contentLeft = type == TarEntry.Type.FILE ? stored : 0;
    padding = (int) (-contentLeft & BLOCK - 1);
  }

  private byte[] readContentBlock() throws IOException {
    byte[] bytes = new byte[BLOCK];
    int done = 0;
    while (done < BLOCK) {
      int count = read(bytes, done, BLOCK - done);
      if (count < 0) {
        throw new CorruptData("sparse map cut off");
      }
      done += count;
    }
    return bytes;
  }

  private void skipContent() throws IOException {
    long left = contentLeft + padding;
    contentLeft = 0;
    padding = 0;
    try {
      in.skipNBytes(left);
    } catch (java.io.EOFException early) {
      throw new CorruptData("unexpected end of the archive", early);
    }
  }

  private boolean readBlock() throws IOException {
    int count = in.readNBytes(block, 0, BLOCK);
    if (count == 0) {
      return false;
    }
    if (count < BLOCK) {
      throw new CorruptData("unexpected end of the archive");
    }
    if (isZero()) {
      return false;
    }
    int unsigned = 0;
    int signed = 0;
    for (int i = 0; i < BLOCK; i++) {
      byte each = i >= 148 && i < 156 ? (byte) ' ' : block[i];
      unsigned += each & 0xff;
      signed += each;
    }
    long expected = number(148, 8);
    if (expected != unsigned && expected != signed) {
      throw new CorruptData("invalid tar header: wrong checksum");
    }
    return true;
  }

  private boolean isZero() {
    for (byte each : block) {
      if (each != 0) {
        return false;
      }
    }
    return true;
  }

  private byte[] readSpecial() throws IOException {
    long bytes = number(124, 12);
    if (bytes < 0 || bytes > MAX_SPECIAL) {
      throw new CorruptData("extended tar header of " + bytes + " bytes: more than " + MAX_SPECIAL);
    }
    byte[] content = in.readNBytes((int) bytes);
    if (content.length < bytes) {
      throw new CorruptData("unexpected end of the archive");
    }
    padding = (int) (-bytes & BLOCK - 1);
    return content;
  }

  private String headerName(boolean gnu) {
    String name = text(0, 100);
    boolean ustar =
        block[257] == 'u'
            && block[258] == 's'
            && block[259] == 't'
            && block[260] == 'a'
            && block[261] == 'r';
    String prefix = ustar && !gnu ? text(345, 155) : "";
    return prefix.isEmpty() ? name : prefix + "/" + name;
  }

  private String text(int at, int width) {
    return cString(java.util.Arrays.copyOfRange(block, at, at + width));
  }

  private static String cString(byte[] bytes) {
    int length = 0;
    while (length < bytes.length && bytes[length] != 0) {
      length++;
    }
    return new String(bytes, 0, length, StandardCharsets.UTF_8);
  }

  private long number(int at, int width) {
    return TarNumbers.parse(block, at, width);
  }

  private static int owner(long id) {
    return TarNumbers.owner(id);
  }

  static Instant instant(long seconds, int nanos) {
    return Instant.ofEpochSecond(Math.clamp(seconds, -(1L << 40), 1L << 40), nanos);
  }

  private static TarEntry.Type typeOf(byte flag, String name) {
    return switch (flag) {
      case '0', 0, 'S' ->
          name.endsWith("/") && flag != 'S' ? TarEntry.Type.DIRECTORY : TarEntry.Type.FILE;
      case '1' -> TarEntry.Type.HARD_LINK;
      case '2' -> TarEntry.Type.SYMLINK;
      case '3' -> TarEntry.Type.CHARACTER_DEVICE;
      case '4' -> TarEntry.Type.BLOCK_DEVICE;
      case '5' -> TarEntry.Type.DIRECTORY;
      case '6' -> TarEntry.Type.NAMED_PIPE;
      default -> throw new CorruptData("unhandled tar header type " + (flag & 0xff));
    };
  }
}
