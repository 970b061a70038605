package dev.slipway.client.session;

import dev.slipway.api.control.BytesMessage;
import dev.slipway.api.control.ControlGrpc;
import dev.slipway.failure.Unavailable;
import dev.slipway.task.TaskScope;
import io.grpc.BindableService;
import io.grpc.Channel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.stub.MetadataUtils;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalIoHandler;
import io.netty.channel.local.LocalServerChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A session with a daemon: an ordinary gRPC server in this process whose one connection goes
/// through `Control.Session` (surface reference 1.5). Handlers run on virtual threads. Caller
/// closes.
public final class ClientSession implements AutoCloseable {
  private static final int MESSAGE_BYTES = 16 << 20;

  private final String id;
  private final EventLoopGroup loops;
  private final TaskScope handlers;
  private final Server server;
  private final SessionTunnel tunnel;

  private ClientSession(
      String id, EventLoopGroup loops, TaskScope handlers, Server server, SessionTunnel tunnel) {
    this.id = id;
    this.loops = loops;
    this.handlers = handlers;
    this.server = server;
    this.tunnel = tunnel;
  }

  /// @param name informational
  /// @param sharedKey of the working copy: sessions with the same key reuse each other's
  ///   transferred files
  public record Identity(String id, String name, String sharedKey) {}

  /// Opens a session that serves these services. Caller closes.
  public static ClientSession open(
      Channel daemon, Identity identity, List<BindableService> services) {
    EventLoopGroup loops =
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("session-io", true), LocalIoHandler.newFactory());
    TaskScope handlers = TaskScope.open("session-handlers");
    LocalAddress address = new LocalAddress("slipway-session-" + identity.id());
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(address)
            .channelType(LocalServerChannel.class)
            .bossEventLoopGroup(loops)
            .workerEventLoopGroup(loops)
            .executor(task -> handlers.forkAction(task::run))
            .maxInboundMessageSize(MESSAGE_BYTES);
    Metadata headers = new Metadata();
    headers.put(key("x-docker-expose-session-uuid"), identity.id());
    headers.put(key("x-docker-expose-session-name"), identity.name());
    headers.put(key("x-docker-expose-session-sharedkey"), identity.sharedKey());
    List<ServerServiceDefinition> definitions = new ArrayList<>();
    definitions.add(new HealthStatusManager().getHealthService().bindService());
    services.forEach(service -> definitions.add(service.bindService()));
    for (ServerServiceDefinition definition : definitions) {
      builder.addService(definition);
      definition
          .getMethods()
          .forEach(
              method ->
                  headers.put(
                      key("x-docker-expose-session-grpc-method"),
                      "/" + method.getMethodDescriptor().getFullMethodName()));
    }
    try {
      Server server = builder.build().start();
      SessionTunnel tunnel = new SessionTunnel();
      ControlGrpc.newStub(daemon)
          .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
          .session(tunnel);
      tunnel.connect(loops, address);
      return new ClientSession(identity.id(), loops, handlers, server, tunnel);
    } catch (IOException failure) {
      loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
      handlers.close();
      throw new Unavailable("cannot open a session: " + failure.getMessage(), failure);
    }
  }

  private static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  public String id() {
    return id;
  }

  @Override
  public void close() {
    tunnel.close();
    server.shutdownNow();
    try {
      server.awaitTermination(2, TimeUnit.SECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    handlers.close();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
  }

  /// Bytes of one session message.
  static BytesMessage message(byte[] bytes) {
    return BytesMessage.newBuilder()
        .setData(com.google.protobuf.UnsafeByteOperations.unsafeWrap(bytes))
        .build();
  }
}
