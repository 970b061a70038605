package dev.slipway.session;

import dev.slipway.api.fsutil.Packet;
import dev.slipway.fsutil.PacketTransport;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;

/// Packets of a file transfer over a call, counting the bytes that come in. Sending is guarded by a
/// lock, as several threads send; one thread receives.
final class PacketStream implements PacketTransport {
  private final MessageStream<Packet, Packet> stream;
  private final LongConsumer progress;
  private final ReentrantLock sending = new ReentrantLock();
  private long received;

  /// @param progress told how many bytes have come so far, after each packet
  PacketStream(MessageStream<Packet, Packet> stream, LongConsumer progress) {
    this.stream = stream;
    this.progress = progress;
  }

  @Override
  public void send(Packet packet) {
    sending.lock();
    try {
      stream.send(packet);
    } finally {
      sending.unlock();
    }
  }

  @Override
  public Optional<Packet> receive() {
    Optional<Packet> packet = stream.receive();
    if (packet.isPresent()) {
      received += packet.get().getSerializedSize();
      progress.accept(received);
    }
    return packet;
  }
}
