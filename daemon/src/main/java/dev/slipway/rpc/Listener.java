package dev.slipway.rpc;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.WrongState;
import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One address on which the daemon answers. Thread-safe once started.
final class Listener {
  private static final Logger LOG = LoggerFactory.getLogger(Listener.class);
  private static final int MAX_MESSAGE_BYTES = 16 * 1024 * 1024;
  private static final int WINDOW_BYTES = 4 * 1024 * 1024;

  private final ListenAddress address;
  private final Server server;
  private final Optional<Path> socketFile;

  private Listener(ListenAddress address, Server server, Optional<Path> socketFile) {
    this.address = address;
    this.server = server;
    this.socketFile = socketFile;
  }

  /// What all listeners of a daemon have in common.
  ///
  /// @param session full name of the method whose handler never blocks and runs on the event loop
  record Common(
      RpcServer.Settings settings,
      List<ServerServiceDefinition> services,
      List<BindableService> extras,
      EventLoops loops,
      HandlerThreads handlers,
      FailureInterceptor failures,
      DrainGate gate,
      String session) {}

  static Listener start(ListenAddress address, Common common) {
    return switch (address) {
      case ListenAddress.Unix unix -> startUnix(unix, common);
      case ListenAddress.Tcp tcp -> startTcp(tcp, common);
      case ListenAddress.Inherited inherited -> startInherited(inherited, common);
    };
  }

  private static Listener startUnix(ListenAddress.Unix address, Common common) {
    UnixSocketFile file = UnixSocketFile.prepare(address.path());
    try {
      SocketAddress bind = new DomainSocketAddress(file.bindPath().toFile());
      Server server =
          serve(address, bind, EpollServerDomainSocketChannel::new, common, Optional.empty());
      file.publish(common.settings().owner());
      return new Listener(address, server, Optional.of(address.path()));
    } catch (BuildFailure failure) {
      file.discard(failure);
      throw failure;
    }
  }

  private static Listener startTcp(ListenAddress.Tcp address, Common common) {
    Optional<TlsFiles> tls = common.settings().tls();
    if (tls.isEmpty()) {
      warnOrRefuse(address, common.settings().insecureTcp());
    }
    Server server = serve(address, resolve(address), EpollServerSocketChannel::new, common, tls);
    return new Listener(
        new ListenAddress.Tcp(address.host(), server.getPort()), server, Optional.empty());
  }

  private static void warnOrRefuse(ListenAddress.Tcp address, RpcServer.InsecureTcp choice) {
    if (choice == RpcServer.InsecureTcp.REFUSED && !address.isLoopback()) {
      throw new WrongState(
          "refusing to listen on "
              + address
              + " without TLS: anybody who reaches it is root here; give [grpc.tls] cert, key and ca, or say"
              + " [slipway] allowInsecureTcp = true");
    }
    LOG.atWarn()
        .addKeyValue("address", address)
        .log("TLS is not enabled: everybody who can connect can run builds as root");
  }

  private static Listener startInherited(ListenAddress.Inherited address, Common common) {
    int descriptor = common.settings().inherited().require(address).descriptor();
    boolean unix = InheritedSockets.isUnix(descriptor);
    InheritedSockets.unblock(descriptor);
    SocketAddress nominal = unix ? new DomainSocketAddress("inherited") : new InetSocketAddress(0);
    Supplier<ServerChannel> channel =
        () ->
            bound(
                unix
                    ? new EpollServerDomainSocketChannel(descriptor, true)
                    : new EpollServerSocketChannel(descriptor));
    Optional<TlsFiles> tls = unix ? Optional.empty() : common.settings().tls();
    return new Listener(address, serve(address, nominal, channel, common, tls), Optional.empty());
  }

  /// A channel on a socket that listens already: gRPC's request to bind it is answered without
  /// doing anything.
  private static ServerChannel bound(ServerChannel channel) {
    channel
        .pipeline()
        .addFirst(
            new ChannelOutboundHandlerAdapter() {
              @Override
              public void bind(
                  ChannelHandlerContext context, SocketAddress address, ChannelPromise promise) {
                promise.setSuccess();
              }
            });
    return channel;
  }

  private static Server serve(
      ListenAddress address,
      SocketAddress bind,
      Supplier<? extends ServerChannel> channel,
      Common common,
      Optional<TlsFiles> tls) {
    CallerIdentity identity = new CallerIdentity(address.toString());
    NettyServerBuilder builder = NettyServerBuilder.forAddress(bind);
    tls.ifPresent(files -> builder.sslContext(files.context()));
    builder
        .channelFactory(() -> identified(channel.get(), identity))
        .bossEventLoopGroup(common.loops().accepting())
        .workerEventLoopGroup(common.loops().moving())
        .executor(common.handlers())
        .callExecutor(new SessionsOnLoop(common.session()))
        .maxInboundMessageSize(MAX_MESSAGE_BYTES)
        .flowControlWindow(WINDOW_BYTES)
        .permitKeepAliveTime(1, TimeUnit.SECONDS)
        .permitKeepAliveWithoutCalls(true)
        .addTransportFilter(identity)
        // The last one added is the outermost.
        .intercept(new CancellationInterceptor())
        .intercept(common.gate())
        .intercept(common.failures())
        .intercept(identity)
        .intercept(new StreamingThreads(common.handlers()));
    common.services().forEach(builder::addService);
    common.extras().forEach(builder::addService);
    try {
      return builder.build().start();
    } catch (IOException failed) {
      Throwable reason = failed.getCause() == null ? failed : failed.getCause();
      throw new WrongState("cannot listen on " + address + ": " + reason.getMessage(), failed);
    }
  }

  private static ServerChannel identified(ServerChannel channel, CallerIdentity identity) {
    channel.pipeline().addLast(identity.acceptHandler());
    return channel;
  }

  private static InetSocketAddress resolve(ListenAddress.Tcp address) {
    try {
      return address.host().isEmpty()
          ? new InetSocketAddress(address.port())
          : new InetSocketAddress(InetAddress.getByName(address.host()), address.port());
    } catch (UnknownHostException unknown) {
      throw new WrongState(
          "cannot listen on " + address + ": unknown host " + address.host(), unknown);
    }
  }

  /// Where it really listens.
  ListenAddress address() {
    return address;
  }

  /// Takes no new connections and calls; those under way go on.
  void shutdown() {
    server.shutdown();
  }

  /// Cancels calls under way and takes the socket away.
  void close() {
    server.shutdownNow();
    try {
      server.awaitTermination(2, TimeUnit.SECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    if (socketFile.isPresent()) {
      try {
        Files.deleteIfExists(socketFile.get());
      } catch (IOException failed) {
        LOG.warn("could not remove {}", socketFile.get(), failed);
      }
    }
  }
}
