package dev.slipway.client.ssh;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// Values as ssh encodes them (RFC 4251, section 5). Confined to one thread.
final class SshWriter {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  SshWriter number(int value) {
    bytes.writeBytes(ByteBuffer.allocate(4).putInt(value).array());
    return this;
  }

  SshWriter octet(byte value) {
    bytes.write(value);
    return this;
  }

  SshWriter bytes(byte[] value) {
    number(value.length);
    bytes.writeBytes(value);
    return this;
  }

  SshWriter text(String value) {
    return bytes(value.getBytes(StandardCharsets.UTF_8));
  }

  /// In two's complement without leading bytes that say nothing; zero is no byte at all.
  SshWriter integer(BigInteger value) {
    return bytes(value.signum() == 0 ? new byte[0] : value.toByteArray());
  }

  byte[] written() {
    return bytes.toByteArray();
  }
}
