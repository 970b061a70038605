package dev.slipway.session;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.AbstractChannel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;
import java.net.ConnectException;
import java.net.SocketAddress;

/// A netty channel whose wire is a stream of messages of another call: what is written goes out as
/// messages, messages that come in are read. An ordinary gRPC channel runs on it.
///
/// All state is confined to the event loop; [#received], [#writable] and [#ended] may be called
/// from any thread and pass through the event loop's one queue, so that bytes never overtake each
/// other whatever thread the outer call delivers them on.
final class TunnelChannel extends AbstractChannel {
  /// How many messages the far end may have under way to us.
  private static final int WINDOW = 16;

  /// Small buffers of one flush are sent together up to this many bytes (frame heads and their
  /// payload, mostly).
  private static final int MESSAGE_BYTES = 32 * 1024;

  private static final ChannelMetadata METADATA = new ChannelMetadata(false);
  private static final SocketAddress ADDRESS = new NamedAddress("session");

  private final Wire wire;
  private final ChannelConfig config = new DefaultChannelConfig(this);
  private volatile State state = State.OPEN;
  private int outstanding;

  /// The outer call, as seen from here.
  interface Wire {
    /// Whether sending now would not queue without bound.
    boolean ready();

    /// Sends one message. The buffer stays the caller's and is not used after return.
    void send(ByteBuf bytes);

    /// Allows that many further messages to come.
    void request(int messages);

    /// Ends the outer call.
    void close();

    /// Claims the wire; only the first claim succeeds, as there is one connection in a session.
    boolean claim();
  }

  private enum State {
    OPEN,
    CONNECTED,
    CLOSED
  }

  TunnelChannel(Wire wire) {
    super(null);
    this.wire = wire;
    config.setAllocator(new UnpooledByteBufAllocator(false));
  }

  /// Bytes came in; takes over the buffer.
  void received(ByteBuf bytes) {
    onLoop(
        () -> {
          outstanding--;
          if (state == State.CONNECTED) {
            pipeline().fireChannelRead(bytes);
            pipeline().fireChannelReadComplete();
          } else {
            bytes.release();
          }
        });
  }

  /// The outer call takes messages again.
  void writable() {
    onLoop(() -> unsafe().flush());
  }

  /// The outer call has ended.
  void ended() {
    onLoop(() -> unsafe().close(voidPromise()));
  }

  private void onLoop(Runnable action) {
    if (isRegistered()) {
      eventLoop().execute(action);
    }
  }

  @Override
  protected AbstractUnsafe newUnsafe() {
    return new TunnelUnsafe();
  }

  @Override
  protected boolean isCompatible(EventLoop loop) {
    return true;
  }

  @Override
  protected SocketAddress localAddress0() {
    return ADDRESS;
  }

  @Override
  protected SocketAddress remoteAddress0() {
    return ADDRESS;
  }

  @Override
  protected void doBind(SocketAddress localAddress) {
    throw new UnsupportedOperationException("a tunnel cannot be bound");
  }

  @Override
  protected void doDisconnect() {
    doClose();
  }

  @Override
  protected void doClose() {
    boolean connected = state == State.CONNECTED;
    state = State.CLOSED;
    if (connected) {
      wire.close();
    }
  }

  @Override
  protected void doBeginRead() {
    if (outstanding <= WINDOW / 2) {
      int more = WINDOW - outstanding;
      outstanding = WINDOW;
      wire.request(more);
    }
  }

  @Override
  protected void doWrite(ChannelOutboundBuffer pending) {
    while (pending.current() instanceof ByteBuf first && wire.ready()) {
      if (pending.size() == 1 || first.readableBytes() >= MESSAGE_BYTES) {
        wire.send(first);
        pending.remove();
      } else {
        sendTogether(pending);
      }
    }
  }

  private void sendTogether(ChannelOutboundBuffer pending) {
    byte[] message = new byte[MESSAGE_BYTES];
    int length = 0;
    while (pending.current() instanceof ByteBuf next
        && next.readableBytes() <= MESSAGE_BYTES - length) {
      int count = next.readableBytes();
      next.getBytes(next.readerIndex(), message, length, count);
      length += count;
      pending.remove();
    }
    wire.send(Unpooled.wrappedBuffer(message, 0, length));
  }

  @Override
  protected Object filterOutboundMessage(Object message) {
    if (message instanceof ByteBuf) {
      return message;
    }
    throw new UnsupportedOperationException(
        "a tunnel carries bytes only, not " + message.getClass().getName());
  }

  @Override
  public ChannelConfig config() {
    return config;
  }

  @Override
  public boolean isOpen() {
    return state != State.CLOSED;
  }

  @Override
  public boolean isActive() {
    return state == State.CONNECTED;
  }

  @Override
  public ChannelMetadata metadata() {
    return METADATA;
  }

  private final class TunnelUnsafe extends AbstractUnsafe {
    @Override
    public void connect(SocketAddress remote, SocketAddress local, ChannelPromise promise) {
      if (!promise.setUncancellable()) {
        return;
      }
      if (!wire.claim()) {
        promise.tryFailure(new ConnectException("the client has gone"));
        closeIfClosed();
        return;
      }
      state = State.CONNECTED;
      promise.trySuccess();
      pipeline().fireChannelActive();
    }
  }

  private static final class NamedAddress extends SocketAddress {
    private static final long serialVersionUID = 1;
    private final String name;

    NamedAddress(String name) {
      this.name = name;
    }

    @Override
    public String toString() {
      return name;
    }
  }
}
