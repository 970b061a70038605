package dev.slipway.layer;

import dev.slipway.failure.CorruptData;
import dev.slipway.layer.TarEntry.Extent;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/// The maps of sparse files, in the four forms GNU tar has had. See GNU tar's manual, "Storing
/// Sparse Files".
final class TarSparse {
  private static final int MAX_EXTENTS = 1 << 17;

  private final BlockSource content;

  /// @param content blocks of the entry's stored content, for the form that keeps its map there
  TarSparse(BlockSource content) {
    this.content = content;
  }

  @FunctionalInterface
  interface BlockSource {
    byte[] nextBlock() throws IOException;
  }

  /// @param bytes length of the file with its holes
  record Shape(Optional<String> name, long bytes, List<Extent> extents) {}

  /// Old GNU form: the map starts in the header and goes on in blocks between header and content.
  Shape ofGnu(byte[] header, InputStream afterHeader) throws IOException {
    List<Extent> extents = new ArrayList<>();
    addGnu(extents, header, 386, 4);
    boolean more = header[482] != 0;
    while (more) {
      byte[] extension = afterHeader.readNBytes(TarWriter.BLOCK);
      if (extension.length < TarWriter.BLOCK) {
        throw new CorruptData("sparse map cut off");
      }
      addGnu(extents, extension, 0, 21);
      more = extension[504] != 0;
    }
    return checked(Optional.empty(), TarNumbers.parse(header, 483, 12), extents);
  }

  /// PAX forms 0.0, 0.1 and 1.0; empty when the records speak of no sparse file.
  Optional<Shape> ofPax(SortedMap<String, String> records) throws IOException {
    Optional<String> name = Optional.ofNullable(records.get("GNU.sparse.name"));
    if ("1".equals(records.get("GNU.sparse.major"))) {
      return Optional.of(checked(name, size(records, "GNU.sparse.realsize"), mapInContent()));
    }
    String map = records.get(TarRecords.SPARSE_MAP);
    if (map == null) {
      return Optional.empty();
    }
    String[] numbers = map.split(",", -1);
    if (numbers.length % 2 != 0) {
      throw new CorruptData("invalid sparse map");
    }
    List<Extent> extents = new ArrayList<>();
    for (int i = 0; i < numbers.length; i += 2) {
      extents.add(new Extent(number(numbers[i]), number(numbers[i + 1])));
    }
    return Optional.of(checked(name, size(records, "GNU.sparse.size"), extents));
  }

  private List<Extent> mapInContent() throws IOException {
    StringBuilder text = new StringBuilder();
    int lines = 0;
    long wanted = 1;
    while (lines < wanted) {
      String block = new String(content.nextBlock(), StandardCharsets.US_ASCII);
      text.append(block);
      lines = (int) text.chars().filter(c -> c == '\n').count();
      if (wanted == 1 && lines >= 1) {
        wanted = 1 + 2 * number(text.substring(0, text.indexOf("\n")));
        if (wanted > 2L * MAX_EXTENTS) {
          throw new CorruptData("sparse map too long");
        }
      } else if (lines == 0) {
        throw new CorruptData("invalid sparse map");
      }
    }
    String[] numbers = text.toString().split("\n");
    List<Extent> extents = new ArrayList<>();
    for (int i = 1; i + 1 < wanted; i += 2) {
      extents.add(new Extent(number(numbers[i]), number(numbers[i + 1])));
    }
    return extents;
  }

  private static void addGnu(List<Extent> extents, byte[] block, int at, int count) {
    for (int i = 0; i < count; i++) {
      int entry = at + 24 * i;
      if (block[entry] == 0) {
        return;
      }
      extents.add(
          new Extent(TarNumbers.parse(block, entry, 12), TarNumbers.parse(block, entry + 12, 12)));
    }
    if (extents.size() > MAX_EXTENTS) {
      throw new CorruptData("sparse map too long");
    }
  }

  private static Shape checked(Optional<String> name, long bytes, List<Extent> extents) {
    long end = 0;
    for (Extent extent : extents) {
      if (extent.offset() < end
          || extent.length() < 0
          || extent.length() > bytes - extent.offset()) {
        throw new CorruptData("invalid sparse map");
      }
      end = extent.offset() + extent.length();
    }
    return new Shape(name, bytes, List.copyOf(extents));
  }

  private static long size(SortedMap<String, String> records, String key) {
    String size = records.get(key);
    if (size == null) {
      throw new CorruptData("sparse file without its size");
    }
    return number(size);
  }

  private static long number(String text) {
    return TarRecords.number(text.getBytes(StandardCharsets.US_ASCII));
  }
}
