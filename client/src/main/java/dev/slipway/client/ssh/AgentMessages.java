package dev.slipway.client.ssh;

import dev.slipway.failure.InvalidRequest;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Optional;

/// Messages of a conversation with an agent as a stream of bytes: each stands behind its length
/// (four bytes, highest first). Collects what arrives in pieces. Confined to one thread.
public final class AgentMessages {
  static final byte FAILURE = 5;
  static final byte REQUEST_IDENTITIES = 11;
  static final byte IDENTITIES = 12;
  static final byte SIGN_REQUEST = 13;
  static final byte SIGNATURE = 14;

  /// As OpenSSH bounds them.
  static final int LONGEST = 256 << 10;

  private static final int LENGTH = 4;

  private final ByteArrayOutputStream arrived = new ByteArrayOutputStream();

  /// Whether the request only asks for keys or signatures. Steps of a build may do nothing else:
  /// they add and remove no keys.
  public static boolean isHarmless(byte[] request) {
    return request.length > 0 && (request[0] == REQUEST_IDENTITIES || request[0] == SIGN_REQUEST);
  }

  /// What an agent says that does not do what it is asked.
  public static byte[] refusal() {
    return new byte[] {FAILURE};
  }

  /// The message behind its length.
  public static byte[] framed(byte[] message) {
    return ByteBuffer.allocate(LENGTH + message.length).putInt(message.length).put(message).array();
  }

  /// Takes more of the stream.
  public void add(byte[] bytes) {
    arrived.writeBytes(bytes);
  }

  /// Takes out the next message that is whole.
  ///
  /// @throws InvalidRequest a message is longer than any may be
  public Optional<byte[]> next() {
    byte[] bytes = arrived.toByteArray();
    if (bytes.length < LENGTH) {
      return Optional.empty();
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    int length = buffer.getInt();
    if (length < 0 || length > LONGEST) {
      throw new InvalidRequest(
          "a message for the ssh agent has "
              + (length & 0xffffffffL)
              + " bytes, more than "
              + LONGEST);
    }
    if (buffer.remaining() < length) {
      return Optional.empty();
    }
    byte[] message = new byte[length];
    buffer.get(message);
    arrived.reset();
    arrived.write(bytes, LENGTH + length, bytes.length - LENGTH - length);
    return Optional.of(message);
  }
}
