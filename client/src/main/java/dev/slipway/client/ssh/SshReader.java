package dev.slipway.client.ssh;

import dev.slipway.failure.InvalidRequest;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// Reads values as ssh encodes them (RFC 4251, section 5). Confined to one thread.
final class SshReader {
  private final ByteBuffer rest;

  SshReader(byte[] bytes) {
    rest = ByteBuffer.wrap(bytes);
  }

  /// @throws InvalidRequest there is less than that
  int number() {
    require(4);
    return rest.getInt();
  }

  byte octet() {
    require(1);
    return rest.get();
  }

  byte[] bytes() {
    int length = number();
    require(length);
    byte[] value = new byte[length];
    rest.get(value);
    return value;
  }

  String text() {
    return new String(bytes(), StandardCharsets.UTF_8);
  }

  BigInteger integer() {
    byte[] value = bytes();
    return value.length == 0 ? BigInteger.ZERO : new BigInteger(value);
  }

  private void require(int count) {
    if (count < 0 || count > rest.remaining()) {
      throw new InvalidRequest("it ends in the middle of a value");
    }
  }
}
