package dev.slipway.layer;

import dev.slipway.failure.CorruptData;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/// Reads gzip of one or more members. The JDK's own stream decides whether another member follows
/// by `available()`, and so ends early on streams that cannot tell. Confined to one thread.
final class GunzipStream extends InputStream {
  private static final int BUFFER = 128 * 1024;

  private final InputStream in;
  private final byte[] input = new byte[BUFFER];
  private final Inflater inflater = new Inflater(true);
  private final CRC32 crc = new CRC32();
  private int at;
  private int limit;
  private boolean ended;

  /// @param in starts with a member; closed with this
  GunzipStream(InputStream in) throws IOException {
    this.in = in;
    readHeader(readByte());
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    while (!ended) {
      int count = inflate(buffer, offset, length);
      if (count > 0) {
        crc.update(buffer, offset, count);
        return count;
      }
      if (inflater.finished()) {
        endMember();
      } else if (inflater.needsDictionary()) {
        throw new CorruptData("invalid gzip data: it needs a dictionary");
      } else if (inflater.needsInput()) {
        feed();
      }
    }
    return -1;
  }

  @Override
  public void close() throws IOException {
    inflater.end();
    in.close();
  }

  private int inflate(byte[] buffer, int offset, int length) {
    try {
      return inflater.inflate(buffer, offset, length);
    } catch (DataFormatException bad) {
      throw new CorruptData("invalid gzip data: " + bad.getMessage(), bad);
    }
  }

  private void feed() throws IOException {
    if (at == limit && !fill()) {
      throw new CorruptData("unexpected end of gzip data");
    }
    inflater.setInput(input, at, limit - at);
    at = limit;
  }

  private boolean fill() throws IOException {
    int count = in.read(input, 0, BUFFER);
    at = 0;
    limit = Math.max(count, 0);
    return count > 0;
  }

  private void endMember() throws IOException {
    at = limit - inflater.getRemaining();
    long expectedCrc = readLittleEndian();
    long expectedLength = readLittleEndian();
    if (expectedCrc != crc.getValue()
        || expectedLength != (inflater.getBytesWritten() & 0xffff_ffffL)) {
      throw new CorruptData("invalid gzip data: wrong checksum");
    }
    crc.reset();
    inflater.reset();
    if (at == limit && !fill()) {
      ended = true;
    } else {
      readHeader(readByte());
    }
  }

  private void readHeader(int first) throws IOException {
    if (first != 0x1f || readByte() != 0x8b || readByte() != 8) {
      throw new CorruptData("invalid gzip header");
    }
    int flags = readByte();
    skip(6);
    if ((flags & 4) != 0) {
      skip(readByte() | readByte() << 8);
    }
    if ((flags & 8) != 0) {
      skipText();
    }
    if ((flags & 16) != 0) {
      skipText();
    }
    if ((flags & 2) != 0) {
      skip(2);
    }
  }

  private void skip(int count) throws IOException {
    for (int i = 0; i < count; i++) {
      readByte();
    }
  }

  private void skipText() throws IOException {
    int left = 1 << 16;
    while (readByte() != 0) {
      if (--left == 0) {
        throw new CorruptData("invalid gzip header: name too long");
      }
    }
  }

  private long readLittleEndian() throws IOException {
    return readByte() | (long) readByte() << 8 | (long) readByte() << 16 | (long) readByte() << 24;
  }

  private int readByte() throws IOException {
    if (at == limit && !fill()) {
      throw new CorruptData("unexpected end of gzip data");
    }
    return input[at++] & 0xff;
  }
}
