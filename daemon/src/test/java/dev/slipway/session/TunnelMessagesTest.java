package dev.slipway.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.api.upload.BytesMessage;
import io.grpc.KnownLength;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TunnelMessagesTest {
  private final TunnelMessages messages = new TunnelMessages();

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 127, 128, 32 * 1024, 1 << 20})
  void bytesComeAsTheyWereSentWhetherTheirNumberIsKnownOrNot(int length) throws IOException {
    byte[] data = new byte[length];
    new Random(length).nextBytes(data);
    byte[] sent = messages.stream(Unpooled.wrappedBuffer(data)).readAllBytes();

    assertThat(BytesMessage.parseFrom(sent).getData().toByteArray()).isEqualTo(data);
    // A message that came compressed does not know.
    assertThat(bytes(messages.parse(new ByteArrayInputStream(sent)))).isEqualTo(data);
    assertThat(bytes(messages.parse(new Known(new ByteArrayInputStream(sent))))).isEqualTo(data);
  }

  private static byte[] bytes(ByteBuf buffer) {
    return ByteBufUtil.getBytes(buffer);
  }

  /// As gRPC gives it: in pieces, as frames came.
  private static final class Known extends InputStream implements KnownLength {
    private final InputStream bytes;

    private Known(InputStream bytes) {
      this.bytes = bytes;
    }

    @Override
    public int read() throws IOException {
      return bytes.read();
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      return bytes.read(target, offset, Math.min(length, 16_384));
    }

    @Override
    public int available() throws IOException {
      return bytes.available();
    }
  }
}
