package dev.slipway.session;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;

/// `BytesMessage{data=1}` straight from and to netty buffers, so that tunnelled bytes never become
/// protobuf objects. Immutable.
///
/// Writing reads the buffer without moving its indexes and does not release it; gRPC drains it
/// before `sendMessage` returns.
final class TunnelMessages implements MethodDescriptor.Marshaller<ByteBuf> {
  private static final int DATA_TAG = 1 << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;

  @Override
  public InputStream stream(ByteBuf value) {
    return new Encoded(value);
  }

  @Override
  public ByteBuf parse(InputStream stream) {
    try {
      byte[] message = bytes(stream);
      CodedInputStream input = CodedInputStream.newInstance(message);
      ByteBuf data = Unpooled.EMPTY_BUFFER;
      for (int tag = input.readTag(); tag != 0; tag = input.readTag()) {
        if (tag == DATA_TAG) {
          int length = input.readRawVarint32();
          int start = input.getTotalBytesRead();
          input.skipRawBytes(length);
          data = Unpooled.wrappedBuffer(message, start, length);
        } else {
          input.skipField(tag);
        }
      }
      return data;
    } catch (IOException malformed) {
      throw Status.INVALID_ARGUMENT
          .withDescription("malformed message in session")
          .withCause(malformed)
          .asRuntimeException();
    }
  }

  /// In one array and one copy where the length is known, as it is unless it came compressed.
  private static byte[] bytes(InputStream stream) throws IOException {
    if (!(stream instanceof KnownLength)) {
      return stream.readAllBytes();
    }
    byte[] message = new byte[stream.available()];
    int count = stream.readNBytes(message, 0, message.length);
    return count == message.length ? message : Arrays.copyOf(message, count);
  }

  /// One message as the bytes on the wire: tag, length, data.
  private static final class Encoded extends InputStream implements KnownLength, Drainable {
    private final byte[] head;
    private final ByteBuf data;
    private int position;

    Encoded(ByteBuf data) {
      this.data = data;
      this.head = head(data.readableBytes());
    }

    private static byte[] head(int length) {
      byte[] bytes = new byte[6];
      int count = 0;
      bytes[count++] = DATA_TAG;
      int rest = length;
      while ((rest & ~0x7f) != 0) {
        bytes[count++] = (byte) (rest & 0x7f | 0x80);
        rest >>>= 7;
      }
      bytes[count++] = (byte) rest;
      return Arrays.copyOf(bytes, count);
    }

    @Override
    public int available() {
      return head.length + data.readableBytes() - position;
    }

    @Override
    public int drainTo(OutputStream target) throws IOException {
      int remaining = available();
      if (position < head.length) {
        target.write(head, position, head.length - position);
        position = head.length;
      }
      int offset = position - head.length;
      data.getBytes(data.readerIndex() + offset, target, data.readableBytes() - offset);
      position = head.length + data.readableBytes();
      return remaining;
    }

    @Override
    public int read() {
      if (available() == 0) {
        return -1;
      }
      int at = position++;
      return at < head.length
          ? head[at] & 0xff
          : data.getByte(data.readerIndex() + at - head.length) & 0xff;
    }
  }
}
