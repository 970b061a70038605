package dev.slipway.layer;

import dev.slipway.failure.InvalidRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoField;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// Writes tar archives, byte for byte as Go's `archive/tar` writes them (looked at: Go 1.26,
/// formats PAX and USTAR), because diff ids are digests of these bytes. Confined to one thread.
final class TarWriter implements AutoCloseable {
  static final int BLOCK = 512;

  private static final int NAME = 100;
  private static final int PREFIX = 155;
  private static final byte EXTENDED = 'x';

  private final OutputStream out;
  private final byte[] block = new byte[BLOCK];
  private final byte[] zeros = new byte[BLOCK];
  private long contentLeft;
  private int padding;

  /// @param out buffered by whoever cares; not closed
  TarWriter(OutputStream out) {
    this.out = out;
  }

  /// Starts an entry in PAX form: extended records where the plain header cannot say it.
  void startPax(TarEntry entry) throws IOException {
    SortedMap<String, byte[]> records = new TreeMap<>(entry.records());
    putIfNotFitting(records, "path", entry.name(), NAME);
    putIfNotFitting(records, "linkpath", entry.linkName(), NAME);
    putIfTooLarge(records, "size", entry.bytes(), 12);
    putIfTooLarge(records, "uid", entry.uid(), 8);
    putIfTooLarge(records, "gid", entry.gid(), 8);
    if (!fitsOctal(12, entry.modified().getEpochSecond()) || hasFraction(entry.modified())) {
      records.put("mtime", ascii(paxTime(entry)));
    }
    finishPrevious();
    if (!records.isEmpty()) {
      writeRecords(entry.name(), records);
    }
    Arrays.fill(block, (byte) 0);
    writeHeader(entry, asciiOnly(entry.name()), asciiOnly(entry.linkName()), new byte[0]);
  }

  /// Starts an entry in the oldest form that can say it, as Go does when no form is asked for:
  /// USTAR, with long names split, else PAX.
  void startPlain(TarEntry entry) throws IOException {
    boolean numbersFit =
        fitsOctal(12, entry.bytes())
            && fitsOctal(8, entry.uid())
            && fitsOctal(8, entry.gid())
            && fitsOctal(12, entry.modified().getEpochSecond());
    int split = splitAt(entry.name());
    boolean namesFit =
        isAscii(entry.name())
            && (entry.name().length() <= NAME || split > 0)
            && isAscii(entry.linkName())
            && entry.linkName().length() <= NAME;
    if (!entry.records().isEmpty() || !numbersFit || !namesFit || hasFraction(entry.modified())) {
      startPax(entry);
      return;
    }
    finishPrevious();
    Arrays.fill(block, (byte) 0);
    if (entry.name().length() <= NAME) {
      writeHeader(entry, ascii(entry.name()), ascii(entry.linkName()), new byte[0]);
    } else {
      writeHeader(
          entry,
          ascii(entry.name().substring(split + 1)),
          ascii(entry.linkName()),
          ascii(entry.name().substring(0, split)));
    }
  }

  /// Writes content of the entry started last.
  void write(byte[] buffer, int offset, int length) throws IOException {
    if (length > contentLeft) {
      throw new IOException("more content than the entry's header says");
    }
    out.write(buffer, offset, length);
    contentLeft -= length;
  }

  /// Writes the end marks. The stream stays open.
  @Override
  public void close() throws IOException {
    finishPrevious();
    out.write(zeros, 0, BLOCK);
    out.write(zeros, 0, BLOCK);
  }

  private void finishPrevious() throws IOException {
    if (contentLeft != 0) {
      throw new IOException("content of the last entry is " + contentLeft + " bytes short");
    }
    out.write(zeros, 0, padding);
    padding = 0;
  }

  private void writeHeader(TarEntry entry, byte[] name, byte[] link, byte[] prefix)
      throws IOException {
    putName(0, NAME, name);
    putOctal(100, 8, entry.mode());
    putOctal(108, 8, entry.uid());
    putOctal(116, 8, entry.gid());
    putOctal(124, 12, entry.bytes());
    putOctal(136, 12, entry.modified().getEpochSecond());
    block[156] = entry.type().flag();
    putName(157, NAME, link);
    putOctal(329, 8, entry.device().major());
    putOctal(337, 8, entry.device().minor());
    putName(345, PREFIX, prefix);
    sealAndWrite();
    contentLeft = entry.bytes();
    padding = paddingOf(entry.bytes());
  }

  private void writeRecords(String name, SortedMap<String, byte[]> records) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (Map.Entry<String, byte[]> each : records.entrySet()) {
      appendRecord(body, each.getKey().getBytes(StandardCharsets.UTF_8), each.getValue());
    }
    if (body.size() > TarReader.MAX_SPECIAL) {
      throw new InvalidRequest(
          "extended header of \"" + name + "\" is too long: " + body.size() + " bytes");
    }
    Arrays.fill(block, (byte) 0);
    byte[] headerName = asciiOnly(recordsName(name));
    int length = Math.min(headerName.length, NAME);
    while (length > 0 && headerName[length - 1] == '/') {
      length--;
    }
    putName(0, NAME, Arrays.copyOf(headerName, length));
    putOctal(100, 8, 0);
    putOctal(108, 8, 0);
    putOctal(116, 8, 0);
    putOctal(124, 12, body.size());
    putOctal(136, 12, 0);
    block[156] = EXTENDED;
    sealAndWrite();
    body.writeTo(out);
    out.write(zeros, 0, paddingOf(body.size()));
  }

  private void sealAndWrite() throws IOException {
    byte[] magic = {'u', 's', 't', 'a', 'r', 0, '0', '0'};
    System.arraycopy(magic, 0, block, 257, magic.length);
    Arrays.fill(block, 148, 156, (byte) ' ');
    int sum = 0;
    for (byte each : block) {
      sum += each & 0xff;
    }
    putOctal(148, 7, sum);
    block[155] = ' ';
    out.write(block, 0, BLOCK);
  }

  /// Go's quirk for cut names included: a plain file's cut name must not end in a slash.
  private void putName(int at, int width, byte[] text) {
    System.arraycopy(text, 0, block, at, Math.min(text.length, width));
    if (text.length > width && text[width - 1] == '/') {
      int length = width;
      while (length > 0 && text[length - 1] == '/') {
        length--;
      }
      block[at + length] = 0;
    }
  }

  /// Octal digits with leading zeros and a NUL; 0 when it does not fit (an extended record says it
  /// then).
  private void putOctal(int at, int width, long value) {
    long rest = fitsOctal(width, value) ? value : 0;
    for (int i = at + width - 2; i >= at; i--) {
      block[i] = (byte) ('0' + (rest & 7));
      rest >>>= 3;
    }
    block[at + width - 1] = 0;
  }

  private static void putIfNotFitting(
      SortedMap<String, byte[]> records, String key, String text, int width) {
    if (text.length() > width || !isAscii(text)) {
      records.put(key, text.getBytes(StandardCharsets.UTF_8));
    }
  }

  private static void putIfTooLarge(
      SortedMap<String, byte[]> records, String key, long value, int width) {
    if (!fitsOctal(width, value)) {
      records.put(key, ascii(Long.toString(value)));
    }
  }

  private static boolean hasFraction(Instant time) {
    return !time.truncatedTo(ChronoUnit.SECONDS).equals(time);
  }

  private static String paxTime(TarEntry entry) {
    long seconds = entry.modified().getEpochSecond();
    int nanos = entry.modified().get(ChronoField.NANO_OF_SECOND);
    if (nanos == 0) {
      return Long.toString(seconds);
    }
    boolean negative = seconds < 0;
    long whole = negative ? -(seconds + 1) : seconds;
    int fraction = negative ? 1_000_000_000 - nanos : nanos;
    String digits = String.format(java.util.Locale.ROOT, "%09d", fraction).replaceAll("0+$", "");
    return (negative ? "-" : "") + whole + "." + digits;
  }

  /// A record is `<length> <key>=<value>\n`, its own length's digits counted.
  private static void appendRecord(ByteArrayOutputStream body, byte[] key, byte[] value) {
    int bare = key.length + value.length + 3;
    int size = bare + Integer.toString(bare).length();
    if (bare + Integer.toString(size).length() != size) {
      size = bare + Integer.toString(size).length();
    }
    body.writeBytes(ascii(Integer.toString(size)));
    body.write(' ');
    body.writeBytes(key);
    body.write('=');
    body.writeBytes(value);
    body.write('\n');
  }

  private static String recordsName(String name) {
    int slash = name.lastIndexOf('/');
    String directory = slash < 0 ? "" : name.substring(0, slash);
    String file = name.substring(slash + 1);
    return (directory.isEmpty() ? "" : directory + "/")
        + "PaxHeaders.0"
        + (file.isEmpty() ? "" : "/" + file);
  }

  /// Where a long name can be cut into USTAR's prefix and name; 0 when it cannot.
  private static int splitAt(String name) {
    if (name.length() <= NAME || !isAscii(name)) {
      return 0;
    }
    int length = Math.min(name.length(), PREFIX + 1);
    if (name.length() <= PREFIX + 1 && name.endsWith("/")) {
      length = name.length() - 1;
    }
    int slash = name.lastIndexOf('/', length - 1);
    int rest = name.length() - slash - 1;
    return slash <= 0 || rest > NAME || rest == 0 || slash > PREFIX ? 0 : slash;
  }

  private static boolean fitsOctal(int width, long value) {
    int bits = (width - 1) * 3;
    return value >= 0 && (width >= 22 || value < 1L << bits);
  }

  private static int paddingOf(long bytes) {
    return (int) (-bytes & BLOCK - 1);
  }

  private static boolean isAscii(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) >= 0x80 || text.charAt(i) == 0) {
        return false;
      }
    }
    return true;
  }

  private static byte[] asciiOnly(String text) {
    StringBuilder kept = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < 0x80 && c != 0) {
        kept.append(c);
      }
    }
    return ascii(kept.toString());
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
