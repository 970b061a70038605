package dev.slipway.layer;

import dev.slipway.failure.CorruptData;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.Unsupported;
import dev.slipway.oci.DiffId;
import dev.slipway.oci.Digest;
import dev.slipway.task.TaskScope;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Turns an archive into an estargz layer: the very same archive in gzip members that begin where
/// files begin, followed by a table of contents and a footer that says where it lies, so that
/// single files can be fetched. Confined to one thread.
///
/// Specification: stargz-snapshotter, `docs/estargz.md`.
final class EstargzWriter {
  static final String TABLE = "stargz.index.json";

  private static final int PIECE = 4 << 20;
  private static final int LARGEST_MEMBER = 8 << 20;

  private final OutputStream out;
  private final GzipForm form;
  private final GzipMembers members;
  private final MessageDigest uncompressed = Digest.newSha256();
  private final List<EstargzEntry> table = new ArrayList<>();
  private Member member = new Member(Optional.empty());
  private long uncompressedBytes;

  /// What is known of a layer that was written.
  ///
  /// @param diffId of the archive with the table of contents
  record Written(Digest table, DiffId diffId, long uncompressedBytes) {}

  /// Bytes that go into one gzip member.
  private static final class Member extends ByteArrayOutputStream {
    private final Optional<EstargzEntry> first;

    private Member(Optional<EstargzEntry> first) {
      this.first = first;
    }

    private byte[] bytes() {
      return buf;
    }
  }

  /// @param out not closed
  EstargzWriter(OutputStream out, GzipForm form, TaskScope scope) {
    this.out = out;
    this.form = form;
    this.members = new GzipMembers(out, form, scope);
  }

  Written write(InputStream archive) throws IOException {
    InputStream raw = new Copied(archive);
    TarReader reader = new TarReader(raw);
    byte[] buffer = new byte[ChunkPipe.CHUNK];
    for (Optional<TarEntry> next = reader.next(); next.isPresent(); next = reader.next()) {
      add(next.get(), reader, buffer);
    }
    raw.transferTo(OutputStream.nullOutputStream());
    startMember(Optional.empty());
    long tableStart = members.finish();
    return end(tableStart);
  }

  private void add(TarEntry entry, TarReader reader, byte[] buffer) throws IOException {
    if (entry.name().replaceFirst("^(\\./|/)+", "").equals(TABLE)) {
      throw new InvalidRequest("existing TOC JSON is not allowed; decompress layer before append");
    }
    if (entry.isSparse()) {
      throw new Unsupported(
          "sparse file \"" + entry.name() + "\" cannot be part of an estargz layer");
    }
    EstargzEntry line = EstargzEntry.of(entry);
    table.add(line);
    if (entry.type() == TarEntry.Type.FILE) {
      line.setDigest(addContent(entry, line, reader, buffer));
    }
  }

  /// @return digest of the file
  private String addContent(TarEntry entry, EstargzEntry first, TarReader reader, byte[] buffer)
      throws IOException {
    MessageDigest whole = Digest.newSha256();
    EstargzEntry line = first;
    for (long at = 0; at < entry.bytes(); ) {
      long left = Math.min(PIECE, entry.bytes() - at);
      long length = left;
      startMember(Optional.of(line));
      MessageDigest piece = Digest.newSha256();
      while (left > 0) {
        int count = reader.read(buffer, 0, (int) Math.min(buffer.length, left));
        if (count < 0) {
          throw new CorruptData("content is shorter than its header says");
        }
        piece.update(buffer, 0, count);
        whole.update(buffer, 0, count);
        left -= count;
      }
      at += length;
      line.setChunk(length == PIECE ? length : 0, Digest.ofSha256(piece).toString());
      if (at < entry.bytes()) {
        line = EstargzEntry.pieceOf(entry, at);
        table.add(line);
      }
    }
    return Digest.ofSha256(whole).toString();
  }

  /// Ends the member so far; the next one begins with that piece.
  private void startMember(Optional<EstargzEntry> first) throws IOException {
    Member full = member;
    if (full.size() > 0) {
      members.add(
          full.bytes(), full.size(), start -> full.first.ifPresent(line -> line.setOffset(start)));
    }
    member = new Member(first);
  }

  private void take(byte[] bytes, int offset, int length) throws IOException {
    if (member.size() + length > LARGEST_MEMBER) {
      startMember(Optional.empty());
    }
    member.write(bytes, offset, length);
    count(bytes, offset, length);
  }

  private void count(byte[] bytes, int offset, int length) {
    uncompressed.update(bytes, offset, length);
    uncompressedBytes += length;
  }

  private Written end(long tableStart) throws IOException {
    byte[] json = tableJson();
    ByteArrayOutputStream archive = new ByteArrayOutputStream(json.length + 2048);
    try (TarWriter tar = new TarWriter(archive)) {
      tar.startPlain(
          TarEntry.of(TABLE, TarEntry.Type.FILE, 0, Instant.EPOCH).withBytes(json.length));
      tar.write(json, 0, json.length);
    }
    byte[] bytes = archive.toByteArray();
    count(bytes, 0, bytes.length);
    GzipMember.of(bytes, bytes.length, form).writeTo(out);
    out.write(footer(tableStart));
    return new Written(
        Digest.ofBytes(json), new DiffId(Digest.ofSha256(uncompressed)), uncompressedBytes);
  }

  private byte[] tableJson() {
    ByteArrayOutputStream json = new ByteArrayOutputStream();
    json.writeBytes("{\"version\":1,\"entries\":[".getBytes(StandardCharsets.US_ASCII));
    for (int i = 0; i < table.size(); i++) {
      if (i > 0) {
        json.write(',');
      }
      json.writeBytes(table.get(i).json());
    }
    json.writeBytes("]}".getBytes(StandardCharsets.US_ASCII));
    return json.toByteArray();
  }

  /// An empty gzip member of 51 bytes, whose extra field tells where the table starts.
  private static byte[] footer(long tableStart) {
    byte[] told =
        String.format(Locale.ROOT, "%016xSTARGZ", tableStart).getBytes(StandardCharsets.US_ASCII);
    ByteArrayOutputStream footer = new ByteArrayOutputStream(51);
    footer.writeBytes(new byte[] {0x1f, (byte) 0x8b, 8, 4, 0, 0, 0, 0, 0, (byte) 0xff});
    footer.writeBytes(new byte[] {(byte) (told.length + 4), 0, 'S', 'G', (byte) told.length, 0});
    footer.writeBytes(told);
    footer.writeBytes(new byte[] {1, 0, 0, (byte) 0xff, (byte) 0xff});
    footer.writeBytes(new byte[8]);
    return footer.toByteArray();
  }

  /// The archive as it is read; every byte of it goes into a member.
  private final class Copied extends InputStream {
    private final InputStream in;

    private Copied(InputStream in) {
      this.in = in;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      int count = in.read(buffer, offset, length);
      if (count > 0) {
        take(buffer, offset, count);
      }
      return count;
    }
  }
}
