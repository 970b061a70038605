package dev.slipway.rpc;

import io.grpc.Attributes;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerTransportFilter;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.unix.PeerCredentials;
import java.io.IOException;
import java.net.SocketAddress;
import java.security.cert.X509Certificate;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Finds out who is behind a connection of one listener, once per connection, and hands it to every
/// request as [Caller]. Thread-safe.
///
/// gRPC does not show a transport its socket. But the address object it reports is the very one the
/// accepted socket holds, so the socket's credentials are kept by the identity of that object until
/// gRPC has taken the connection up.
final class CallerIdentity extends ServerTransportFilter implements ServerInterceptor {
  private static final Logger LOG = LoggerFactory.getLogger(CallerIdentity.class);
  private static final Attributes.Key<Caller> CALLER = Attributes.Key.create("slipway-caller");

  private final String listener;
  private final Map<SocketAddress, Caller.Process> accepted =
      Collections.synchronizedMap(new IdentityHashMap<>());

  CallerIdentity(String listener) {
    this.listener = listener;
  }

  /// To be put on the listening socket's pipeline: reads the credentials of each accepted
  /// connection.
  ChannelInboundHandlerAdapter acceptHandler() {
    return new ChannelInboundHandlerAdapter() {
      @Override
      public void channelRead(ChannelHandlerContext context, Object child) {
        if (child instanceof EpollDomainSocketChannel socket && socket.remoteAddress() != null) {
          remember(socket);
        }
        context.fireChannelRead(child);
      }
    };
  }

  private void remember(EpollDomainSocketChannel socket) {
    try {
      PeerCredentials peer = socket.peerCredentials();
      SocketAddress address = socket.remoteAddress();
      accepted.put(
          address,
          new Caller.Process(peer.pid(), peer.uid(), peer.gids().length > 0 ? peer.gids()[0] : -1));
      socket.closeFuture().addListener(_ -> accepted.remove(address));
    } catch (IOException unknown) {
      LOG.debug("no credentials for a connection on {}", listener, unknown);
    }
  }

  @Override
  public Attributes transportReady(Attributes attributes) {
    SocketAddress address = attributes.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
    Optional<Caller.Process> process =
        address == null ? Optional.empty() : Optional.ofNullable(accepted.get(address));
    Optional<String> subject =
        Optional.ofNullable(attributes.get(Grpc.TRANSPORT_ATTR_SSL_SESSION))
            .flatMap(CallerIdentity::subject);
    return attributes.toBuilder().set(CALLER, new Caller(listener, process, subject)).build();
  }

  private static Optional<String> subject(SSLSession session) {
    try {
      return session.getPeerCertificates()[0] instanceof X509Certificate certificate
          ? Optional.of(certificate.getSubjectX500Principal().getName())
          : Optional.empty();
    } catch (SSLPeerUnverifiedException none) {
      return Optional.empty();
    }
  }

  @Override
  public <A, B> ServerCall.Listener<A> interceptCall(
      ServerCall<A, B> call, Metadata headers, ServerCallHandler<A, B> next) {
    Caller caller = call.getAttributes().get(CALLER);
    Context context =
        Context.current().withValue(Caller.KEY, caller == null ? Caller.UNKNOWN : caller);
    return Contexts.interceptCall(context, call, headers, next);
  }
}
