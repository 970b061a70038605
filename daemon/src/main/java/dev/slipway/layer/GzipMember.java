package dev.slipway.layer;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.zip.CRC32;

/// One gzip member (RFC 1952) of bytes that were at hand.
///
/// @param deflated the bytes, compressed
/// @param end checksum and length
record GzipMember(byte[] deflated, byte[] end) {
  private static final byte[] HEADER = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, (byte) 0xff};

  static GzipMember of(byte[] bytes, int length, GzipForm form) {
    CRC32 crc = new CRC32();
    crc.update(bytes, 0, length);
    ByteArrayOutputStream end = new ByteArrayOutputStream(8);
    writeLittleEndian(end, crc.getValue());
    writeLittleEndian(end, length);
    return new GzipMember(form.deflate().deflate(bytes, length, form.level()), end.toByteArray());
  }

  int size() {
    return HEADER.length + deflated.length + end.length;
  }

  void writeTo(OutputStream out) throws IOException {
    out.write(HEADER);
    out.write(deflated);
    out.write(end);
  }

  private static void writeLittleEndian(ByteArrayOutputStream out, long value) {
    for (int shift = 0; shift < 32; shift += 8) {
      out.write((int) (value >>> shift));
    }
  }
}
