package dev.slipway.layer;

import java.io.ByteArrayOutputStream;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/// One gzip member of bytes at hand (RFC 1952).
final class GzipMember {
  private static final byte[] HEADER = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, (byte) 0xff};
  private static final int BUFFER = 64 * 1024;

  private GzipMember() {}

  static byte[] of(byte[] bytes, int length, int level) {
    Deflater deflater = new Deflater(level, true);
    try {
      deflater.setInput(bytes, 0, length);
      deflater.finish();
      ByteArrayOutputStream out = new ByteArrayOutputStream(length / 2 + 64);
      out.write(HEADER, 0, HEADER.length);
      byte[] buffer = new byte[Math.min(BUFFER, length + 64)];
      while (!deflater.finished()) {
        out.write(buffer, 0, deflater.deflate(buffer));
      }
      CRC32 crc = new CRC32();
      crc.update(bytes, 0, length);
      writeLittleEndian(out, crc.getValue());
      writeLittleEndian(out, length);
      return out.toByteArray();
    } finally {
      deflater.end();
    }
  }

  private static void writeLittleEndian(ByteArrayOutputStream out, long value) {
    for (int shift = 0; shift < 32; shift += 8) {
      out.write((int) (value >>> shift));
    }
  }
}
