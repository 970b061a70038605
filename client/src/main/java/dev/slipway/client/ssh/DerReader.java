package dev.slipway.client.ssh;

import dev.slipway.failure.InvalidRequest;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Optional;

/// Reads values of ASN.1 as DER encodes them (X.690), one after the other. Confined to one thread.
final class DerReader {
  private static final int INTEGER = 0x02;
  private static final int OCTETS = 0x04;
  private static final int IDENTIFIER = 0x06;
  private static final int SEQUENCE = 0x30;

  private final ByteBuffer rest;

  DerReader(byte[] bytes) {
    rest = ByteBuffer.wrap(bytes);
  }

  /// The values within a sequence.
  ///
  /// @throws InvalidRequest something else comes next, as with all of these
  DerReader sequence() {
    return new DerReader(value(SEQUENCE));
  }

  BigInteger integer() {
    return new BigInteger(value(INTEGER));
  }

  byte[] octets() {
    return value(OCTETS);
  }

  /// An object's identifier, encoded, in hexadecimal digits.
  String identifier() {
    return HexFormat.of().formatHex(value(IDENTIFIER));
  }

  /// The values within the one of that number that may stand here.
  Optional<DerReader> optional(int number) {
    int tag = 0xa0 | number;
    return rest.hasRemaining() && (rest.get(rest.position()) & 0xff) == tag
        ? Optional.of(new DerReader(value(tag)))
        : Optional.empty();
  }

  private byte[] value(int tag) {
    if (rest.remaining() < 2 || (rest.get() & 0xff) != tag) {
      throw new InvalidRequest("ssh: malformed private key");
    }
    int length = length(rest.get() & 0xff);
    if (length < 1 || length > rest.remaining()) {
      throw new InvalidRequest("ssh: malformed private key");
    }
    byte[] value = new byte[length];
    rest.get(value);
    return value;
  }

  /// Of at most three bytes; keys have no more.
  private int length(int first) {
    if (first < 0x80) {
      return first;
    }
    int bytes = first & 0x7f;
    int length = 0;
    for (int i = 0; i < bytes && i < 3 && rest.hasRemaining(); i++) {
      length = length << 8 | rest.get() & 0xff;
    }
    return bytes > 3 ? -1 : length;
  }
}
