package dev.slipway.session.testing;

import com.google.protobuf.UnsafeByteOperations;
import dev.slipway.api.control.BytesMessage;
import dev.slipway.api.control.ControlGrpc;
import io.grpc.BindableService;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.MetadataUtils;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalIoHandler;
import io.netty.channel.local.LocalServerChannel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// A client of the daemon: an ordinary gRPC server whose bytes go through `Control.Session`. Real
/// protocol all the way.
public final class LoopbackSession implements AutoCloseable {
  private final String id;
  private final EventLoopGroup loops;
  private final Server inner;
  private final Pump pump;

  private LoopbackSession(String id, EventLoopGroup loops, Server inner, Pump pump) {
    this.id = id;
    this.loops = loops;
    this.inner = inner;
    this.pump = pump;
  }

  /// Opens a session that serves these services and health. Caller closes.
  ///
  /// @param outer channel to the daemon
  public static LoopbackSession open(Channel outer, BindableService... services) {
    return open(
        outer,
        UUID.randomUUID().toString(),
        "shared",
        new HealthStatusManager().getHealthService(),
        services);
  }

  /// Opens a session with a health service of the test's own.
  public static LoopbackSession open(
      Channel outer,
      String id,
      String sharedKey,
      BindableService health,
      BindableService... services) {
    return open(outer, id, sharedKey, new Metadata(), health, services);
  }

  /// Opens a session with headers beside the usual ones.
  public static LoopbackSession open(
      Channel outer,
      String id,
      String sharedKey,
      Metadata more,
      BindableService health,
      BindableService... services) {
    EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, LocalIoHandler.newFactory());
    LocalAddress address = new LocalAddress(UUID.randomUUID().toString());
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(address)
            .channelType(LocalServerChannel.class)
            .bossEventLoopGroup(loops)
            .workerEventLoopGroup(loops)
            .withOption(ChannelOption.AUTO_READ, true)
            .maxInboundMessageSize(16 * 1024 * 1024)
            .addService(health);
    Metadata headers = new Metadata();
    headers.merge(more);
    headers.put(key("x-docker-expose-session-uuid"), id);
    headers.put(key("x-docker-expose-session-name"), "test");
    headers.put(key("x-docker-expose-session-sharedkey"), sharedKey);
    List<ServerServiceDefinition> definitions = new ArrayList<>();
    for (BindableService service : services) {
      definitions.add(service.bindService());
    }
    for (ServerServiceDefinition service : definitions) {
      builder.addService(service);
      service
          .getMethods()
          .forEach(
              method ->
                  headers.put(
                      key("x-docker-expose-session-grpc-method"),
                      "/" + method.getMethodDescriptor().getFullMethodName()));
    }
    try {
      Server inner = builder.build().start();
      Pump pump = new Pump();
      ControlGrpc.newStub(outer)
          .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
          .session(pump);
      pump.connect(loops, address);
      return new LoopbackSession(id, loops, inner, pump);
    } catch (IOException failed) {
      throw new IllegalStateException(failed);
    }
  }

  private static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  public String id() {
    return id;
  }

  /// Waits until the daemon has ended the tunnel.
  public boolean awaitEnd(long seconds) throws InterruptedException {
    return pump.ended.await(seconds, TimeUnit.SECONDS);
  }

  /// Goes away like a client that has done its work: the outer call is half-closed.
  public void hangUp() {
    pump.finish();
  }

  /// Goes away like a client that is killed: the outer call is cancelled.
  public void vanish() {
    pump.vanish();
  }

  /// Idempotent.
  @Override
  public void close() {
    pump.finish();
    pump.closeLocal();
    inner.shutdownNow();
    try {
      inner.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  /// Shuts a channel down and waits for its end.
  public static void shut(ManagedChannel channel) throws InterruptedException {
    channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
  }

  /// Moves bytes between the outer call and a local connection to the inner server, with flow
  /// control both ways.
  private static final class Pump extends ChannelInboundHandlerAdapter
      implements ClientResponseObserver<BytesMessage, BytesMessage> {
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile ClientCallStreamObserver<BytesMessage> call;
    private volatile io.netty.channel.Channel local;
    private boolean finished;

    void vanish() {
      synchronized (this) {
        finished = true;
      }
      call.cancel("vanished", null);
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<BytesMessage> stream) {
      call = stream;
      stream.disableAutoRequestWithInitial(0);
      stream.setOnReadyHandler(
          () -> {
            if (local != null) {
              local.read();
            }
          });
    }

    void connect(EventLoopGroup loops, LocalAddress address) {
      local =
          new Bootstrap()
              .group(loops)
              .channel(LocalChannel.class)
              .option(ChannelOption.AUTO_READ, false)
              .handler(this)
              .connect(address)
              .syncUninterruptibly()
              .channel();
      local.read();
      call.request(4);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      ByteBuf bytes = (ByteBuf) message;
      byte[] copy = new byte[bytes.readableBytes()];
      bytes.readBytes(copy).release();
      synchronized (this) {
        if (finished) {
          return;
        }
        call.onNext(
            BytesMessage.newBuilder().setData(UnsafeByteOperations.unsafeWrap(copy)).build());
      }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
      if (call.isReady()) {
        context.read();
      }
    }

    @Override
    public void onNext(BytesMessage value) {
      local.writeAndFlush(
          Unpooled.wrappedBuffer(value.getData().asReadOnlyByteBuffer()), local.voidPromise());
      call.request(1);
    }

    void closeLocal() {
      local.close().awaitUninterruptibly();
    }

    @Override
    public void onError(Throwable failure) {
      onCompleted();
    }

    @Override
    public void onCompleted() {
      synchronized (this) {
        finished = true;
      }
      if (local != null) {
        local.close();
      }
      ended.countDown();
    }

    void finish() {
      synchronized (this) {
        if (!finished) {
          finished = true;
          call.onCompleted();
        }
      }
    }
  }
}
