package dev.slipway.layer;

import dev.slipway.oci.json.GoJson;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/// One line of an estargz layer's table of contents: an entry of the archive, or a later piece of a
/// large file. Confined to one thread; filled as it becomes known.
final class EstargzEntry {
  private final Optional<TarEntry> entry;
  private final String name;
  private final long chunkOffset;
  private long chunkBytes;
  private long offset;
  private String chunkDigest = "";
  private String digest = "";

  private EstargzEntry(Optional<TarEntry> entry, String name, long chunkOffset) {
    this.entry = entry;
    this.name = name;
    this.chunkOffset = chunkOffset;
  }

  static EstargzEntry of(TarEntry entry) {
    return new EstargzEntry(Optional.of(entry), entry.name(), 0);
  }

  /// A piece of a file after its first.
  static EstargzEntry pieceOf(TarEntry entry, long chunkOffset) {
    return new EstargzEntry(Optional.empty(), entry.name(), chunkOffset);
  }

  /// @param bytes of the piece; 0 when it reaches to the file's end
  void setChunk(long bytes, String digestOfPiece) {
    chunkBytes = bytes;
    chunkDigest = digestOfPiece;
  }

  /// Where the gzip member starts that begins with the piece.
  void setOffset(long start) {
    offset = start;
  }

  /// Of the whole file.
  void setDigest(String digestOfFile) {
    digest = digestOfFile;
  }

  byte[] json() {
    SequencedMap<String, Object> json = new LinkedHashMap<>();
    json.put("name", name);
    json.put("type", entry.map(each -> type(each.type())).orElse("chunk"));
    entry.ifPresent(each -> describe(each, json));
    put(json, "offset", offset);
    entry.ifPresent(each -> devices(each, json));
    entry.ifPresent(each -> attributes(each, json));
    put(json, "digest", digest);
    put(json, "chunkOffset", chunkOffset);
    put(json, "chunkSize", chunkBytes);
    put(json, "chunkDigest", chunkDigest);
    return GoJson.compact(json);
  }

  private static void describe(TarEntry entry, SequencedMap<String, Object> json) {
    put(json, "size", entry.bytes());
    Instant modified = entry.modified().plusMillis(500).truncatedTo(ChronoUnit.SECONDS);
    put(json, "modtime", modified.getEpochSecond() == 0 ? "" : modified.toString());
    put(json, "linkName", entry.linkName());
    put(json, "mode", entry.mode());
    put(json, "uid", entry.uid());
    put(json, "gid", entry.gid());
  }

  private static void devices(TarEntry entry, SequencedMap<String, Object> json) {
    put(json, "devMajor", entry.device().major());
    put(json, "devMinor", entry.device().minor());
  }

  private static void attributes(TarEntry entry, SequencedMap<String, Object> json) {
    Map<String, Object> attributes = new LinkedHashMap<>();
    entry
        .records()
        .forEach(
            (key, value) -> {
              if (key.startsWith(TarEntry.XATTR)) {
                attributes.put(
                    key.substring(TarEntry.XATTR.length()),
                    Base64.getEncoder().encodeToString(value));
              }
            });
    if (!attributes.isEmpty()) {
      json.put("xattrs", attributes);
    }
  }

  private static void put(SequencedMap<String, Object> json, String key, long value) {
    if (value != 0) {
      json.put(key, value);
    }
  }

  private static void put(SequencedMap<String, Object> json, String key, String value) {
    if (!value.isEmpty()) {
      json.put(key, value);
    }
  }

  private static String type(TarEntry.Type type) {
    return switch (type) {
      case FILE -> "reg";
      case HARD_LINK -> "hardlink";
      case SYMLINK -> "symlink";
      case CHARACTER_DEVICE -> "char";
      case BLOCK_DEVICE -> "block";
      case DIRECTORY -> "dir";
      case NAMED_PIPE -> "fifo";
    };
  }
}
