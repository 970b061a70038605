package dev.slipway.client.session;

import dev.slipway.api.control.BytesMessage;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalChannel;
import java.util.Optional;

/// Moves bytes between the outer Session call and a local connection to the server in this process,
/// with flow control both ways: from the server only while the call can take more, from the daemon
/// one message for each that was handed on. Guarded by its monitor where the call is written.
final class SessionTunnel extends ChannelInboundHandlerAdapter
    implements ClientResponseObserver<BytesMessage, BytesMessage> {
  /// Messages that the daemon may have under way to us.
  private static final int WINDOW = 16;

  private volatile Optional<ClientCallStreamObserver<BytesMessage>> call = Optional.empty();
  private volatile Optional<Channel> local = Optional.empty();
  private boolean ended;

  @Override
  public void beforeStart(ClientCallStreamObserver<BytesMessage> stream) {
    call = Optional.of(stream);
    stream.disableAutoRequestWithInitial(0);
    stream.setOnReadyHandler(() -> local.ifPresent(Channel::read));
  }

  void connect(EventLoopGroup loops, LocalAddress address) {
    Channel opened =
        new Bootstrap()
            .group(loops)
            .channel(LocalChannel.class)
            .option(ChannelOption.AUTO_READ, false)
            .handler(this)
            .connect(address)
            .syncUninterruptibly()
            .channel();
    local = Optional.of(opened);
    opened.read();
    call.ifPresent(stream -> stream.request(WINDOW));
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    ByteBuf bytes = (ByteBuf) message;
    byte[] copy = new byte[bytes.readableBytes()];
    bytes.readBytes(copy).release();
    synchronized (this) {
      if (!ended) {
        call.ifPresent(stream -> stream.onNext(ClientSession.message(copy)));
      }
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    if (call.isPresent() && call.get().isReady()) {
      context.read();
    }
  }

  @Override
  public void onNext(BytesMessage message) {
    synchronized (this) {
      if (ended) {
        return;
      }
    }
    local.ifPresent(
        channel ->
            channel
                .writeAndFlush(Unpooled.wrappedBuffer(message.getData().asReadOnlyByteBuffer()))
                .addListener(_ -> call.ifPresent(stream -> stream.request(1))));
  }

  @Override
  public void onError(Throwable failure) {
    onCompleted();
  }

  @Override
  public void onCompleted() {
    synchronized (this) {
      ended = true;
    }
    local.ifPresent(Channel::close);
  }

  void close() {
    synchronized (this) {
      if (!ended) {
        ended = true;
        call.ifPresent(ClientCallStreamObserver::onCompleted);
      }
    }
    local.ifPresent(channel -> channel.close().awaitUninterruptibly(1000));
  }
}
