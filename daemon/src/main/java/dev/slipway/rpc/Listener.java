package dev.slipway.rpc;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.WrongState;
import io.grpc.BindableService;
import io.grpc.HandlerRegistry;
import io.grpc.Server;
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

/// One address on which the daemon answers. Thread-safe once it listens.
final class Listener {
  private static final Logger LOG = LoggerFactory.getLogger(Listener.class);
  private static final int MAX_MESSAGE_BYTES = 16 * 1024 * 1024;
  private static final int WINDOW_BYTES = 4 * 1024 * 1024;

  private final ListenAddress wanted;
  private final Server server;
  private final RpcServer.Settings settings;

  /// The file of a unix socket that was bound, but where nobody finds it yet.
  private Optional<UnixSocketFile> unpublished = Optional.empty();

  private Optional<Path> published = Optional.empty();

  private Listener(ListenAddress wanted, Server server, RpcServer.Settings settings) {
    this.wanted = wanted;
    this.server = server;
    this.settings = settings;
  }

  /// What all listeners of a daemon have in common.
  ///
  /// @param services asked at each call, so that they can be added after listeners were prepared
  /// @param session full name of the method whose handler never blocks and runs on the event loop
  record Common(
      RpcServer.Settings settings,
      HandlerRegistry services,
      List<BindableService> extras,
      EventLoops loops,
      HandlerThreads handlers,
      FailureInterceptor failures,
      DrainGate gate,
      String session) {}

  /// Makes it; nobody can connect before [#listen]. Caller closes.
  static Listener prepare(ListenAddress address, Common common) {
    return switch (address) {
      case ListenAddress.Unix unix -> prepareUnix(unix, common);
      case ListenAddress.Tcp tcp -> prepareTcp(tcp, common);
      case ListenAddress.Inherited inherited -> prepareInherited(inherited, common);
    };
  }

  private static Listener prepareUnix(ListenAddress.Unix address, Common common) {
    UnixSocketFile file = UnixSocketFile.prepare(address.path());
    try {
      SocketAddress bind = new DomainSocketAddress(file.bindPath().toFile());
      Server server =
          build(address, bind, EpollServerDomainSocketChannel::new, common, Optional.empty());
      Listener listener = new Listener(address, server, common.settings());
      listener.bind();
      listener.unpublished = Optional.of(file);
      return listener;
    } catch (BuildFailure failure) {
      file.discard(failure);
      throw failure;
    }
  }

  private static Listener prepareTcp(ListenAddress.Tcp address, Common common) {
    Optional<TlsFiles> tls = common.settings().tls();
    if (tls.isEmpty()) {
      warnOrRefuse(address, common.settings().insecureTcp());
    }
    return new Listener(
        address,
        build(address, resolve(address), EpollServerSocketChannel::new, common, tls),
        common.settings());
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

  private static Listener prepareInherited(ListenAddress.Inherited address, Common common) {
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
    return new Listener(address, build(address, nominal, channel, common, tls), common.settings());
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

  private static Server build(
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
        .executor(Runnable::run)
        .callExecutor(new CallbackThreads(common.session(), common.handlers()))
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
        .intercept(new RequestThreads(common.handlers()));
    builder.fallbackHandlerRegistry(common.services());
    common.extras().forEach(builder::addService);
    return builder.build();
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

  private void bind() {
    try {
      server.start();
    } catch (IOException failed) {
      Throwable reason = failed.getCause() == null ? failed : failed.getCause();
      throw new WrongState("cannot listen on " + wanted + ": " + reason.getMessage(), failed);
    }
  }

  /// From now on it answers. Called once.
  void listen() {
    switch (wanted) {
      case ListenAddress.Unix unix -> {
        UnixSocketFile file = unpublished.orElseThrow();
        unpublished = Optional.empty();
        file.publish(settings.owner());
        published = Optional.of(unix.path());
      }
      case ListenAddress.Tcp _, ListenAddress.Inherited _ -> bind();
    }
  }

  /// Where it really listens.
  ListenAddress address() {
    return wanted instanceof ListenAddress.Tcp tcp
        ? new ListenAddress.Tcp(tcp.host(), server.getPort())
        : wanted;
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
    try {
      if (published.isPresent()) {
        Files.deleteIfExists(published.get());
      }
      if (unpublished.isPresent()) {
        unpublished.get().discard();
      }
    } catch (IOException failed) {
      LOG.warn("could not remove the socket of {}", wanted, failed);
    }
  }
}
