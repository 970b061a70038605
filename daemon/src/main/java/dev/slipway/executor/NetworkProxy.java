package dev.slipway.executor;

import java.nio.channels.ServerSocketChannel;

/// The only way out of containers that may not reach the network by themselves: a proxy for HTTP
/// and HTTPS that sees what they ask for.
///
/// The executor gives such a container a network with nothing in it but a listener, hands the
/// listener to the proxy, tells the container's processes of it by the usual environment variables,
/// and has the container trust the proxy's certificate for as long as it runs.
public interface NetworkProxy {
  /// Answers whoever connects, until closed. Does not block.
  ///
  /// @param listener bound to an address in the container's network; it is closed by whoever opened
  ///   it, after the service
  Service serve(ServerSocketChannel listener);

  /// The certificate, as PEM, of the authority that vouches for every HTTPS server here.
  String certificate();

  /// Closing ends all connections and waits for those who serve them.
  @FunctionalInterface
  interface Service extends AutoCloseable {
    @Override
    void close();
  }
}
