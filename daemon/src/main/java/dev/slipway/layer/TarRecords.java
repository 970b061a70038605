package dev.slipway.layer;

import dev.slipway.failure.CorruptData;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// Extended (PAX) records of one entry: their text form, and what they say about the entry.
final class TarRecords {
  private TarRecords() {}

  /// Repeated sparse records, in order, are kept under this key joined by commas, as in GNU's form
  /// 0.1.
  static final String SPARSE_MAP = "GNU.sparse.map";

  static SortedMap<String, byte[]> parse(byte[] body) {
    SortedMap<String, byte[]> records = new TreeMap<>();
    List<String> sparse = new ArrayList<>();
    int at = 0;
    while (at < body.length) {
      int space = at;
      int length = 0;
      while (space < body.length && body[space] >= '0' && body[space] <= '9' && space - at < 8) {
        length = length * 10 + body[space++] - '0';
      }
      int end = at + length;
      if (space == at
          || space >= body.length
          || body[space] != ' '
          || end > body.length
          || end <= space + 1
          || body[end - 1] != '\n') {
        throw new CorruptData("invalid extended tar header");
      }
      int equals = space + 1;
      while (equals < end && body[equals] != '=') {
        equals++;
      }
      if (equals >= end || equals == space + 1) {
        throw new CorruptData("invalid extended tar header");
      }
      String key = new String(body, space + 1, equals - space - 1, StandardCharsets.UTF_8);
      byte[] value = java.util.Arrays.copyOfRange(body, equals + 1, end - 1);
      if (key.equals("GNU.sparse.offset") || key.equals("GNU.sparse.numbytes")) {
        sparse.add(text(value));
      } else if (value.length == 0 && !key.startsWith(TarEntry.XATTR)) {
        records.remove(key);
      } else {
        records.put(key, value);
      }
      at = end;
    }
    if (!sparse.isEmpty()) {
      records.put(SPARSE_MAP, String.join(",", sparse).getBytes(StandardCharsets.US_ASCII));
    }
    return records;
  }

  /// The entry as the records correct it.
  static Applied apply(
      TarEntry plain, String headerLink, long headerBytes, SortedMap<String, byte[]> records) {
    String name = plain.name();
    String link = headerLink;
    long stored = headerBytes;
    int uid = plain.uid();
    int gid = plain.gid();
    Instant modified = plain.modified();
    SortedMap<String, byte[]> others = new TreeMap<>();
    SortedMap<String, String> sparse = new TreeMap<>();
    for (Map.Entry<String, byte[]> record : records.entrySet()) {
      byte[] value = record.getValue();
      switch (record.getKey()) {
        case "path" -> name = textWithoutNul(value);
        case "linkpath" -> link = textWithoutNul(value);
        case "size" -> stored = number(value);
        case "uid" -> uid = TarNumbers.owner(number(value));
        case "gid" -> gid = TarNumbers.owner(number(value));
        case "mtime" -> modified = time(text(value));
        case "atime", "ctime", "uname", "gname", "comment", "charset", "hdrcharset" -> {}
        default -> {
          if (record.getKey().startsWith("GNU.sparse.")) {
            sparse.put(record.getKey(), text(value));
          } else {
            others.put(record.getKey(), value);
          }
        }
      }
    }
    TarEntry entry =
        new TarEntry(
            name,
            plain.type(),
            plain.mode(),
            uid,
            gid,
            0,
            modified,
            hasLink(plain) ? link : "",
            plain.device(),
            others,
            List.of());
    return new Applied(entry, stored, sparse);
  }

  private static boolean hasLink(TarEntry entry) {
    return entry.type() == TarEntry.Type.HARD_LINK || entry.type() == TarEntry.Type.SYMLINK;
  }

  static long number(byte[] value) {
    try {
      return Long.parseLong(text(value));
    } catch (NumberFormatException bad) {
      throw new CorruptData("invalid number in an extended tar header", bad);
    }
  }

  private static Instant time(String text) {
    int dot = text.indexOf('.');
    try {
      long seconds = Long.parseLong(dot < 0 ? text : text.substring(0, dot));
      String digits = dot < 0 ? "" : text.substring(dot + 1);
      int nanos = digits.isEmpty() ? 0 : Integer.parseInt((digits + "000000000").substring(0, 9));
      boolean negative = text.startsWith("-");
      return negative && nanos != 0
          ? TarReader.instant(seconds - 1, 1_000_000_000 - nanos)
          : TarReader.instant(seconds, Math.max(nanos, 0));
    } catch (NumberFormatException bad) {
      throw new CorruptData("invalid time in an extended tar header", bad);
    }
  }

  private static String text(byte[] value) {
    return new String(value, StandardCharsets.UTF_8);
  }

  private static String textWithoutNul(byte[] value) {
    String text = text(value);
    if (text.indexOf('\0') >= 0) {
      throw new CorruptData("name with a NUL in an extended tar header");
    }
    return text;
  }

  /// @param stored bytes of content that follow in the archive
  /// @param sparse records that describe a sparse file
  record Applied(TarEntry entry, long stored, SortedMap<String, String> sparse) {}
}
