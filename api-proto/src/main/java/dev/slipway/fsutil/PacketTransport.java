package dev.slipway.fsutil;

import dev.slipway.api.fsutil.Packet;
import java.util.Optional;

/// Carries the packets of one transfer. Both methods block, may be used at the same time, and throw
/// a [dev.slipway.failure.BuildFailure] when the connection is gone; interruption ends them.
public interface PacketTransport {
  /// Hands a packet to the connection; waits while the peer does not keep up. Called by several
  /// threads at once.
  void send(Packet packet);

  /// The next packet; empty at the orderly end. Called by one thread only.
  Optional<Packet> receive();
}
