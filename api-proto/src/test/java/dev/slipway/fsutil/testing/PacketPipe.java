package dev.slipway.fsutil.testing;

import dev.slipway.api.fsutil.Packet;
import dev.slipway.failure.Cancelled;
import dev.slipway.fsutil.PacketTransport;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/// Two ends of a connection in memory, each way holding a limited number of packets. Thread-safe.
public final class PacketPipe {
  private final BlockingQueue<Optional<Packet>> there;
  private final BlockingQueue<Optional<Packet>> back;

  public PacketPipe(int capacity) {
    there = new LinkedBlockingQueue<>(capacity);
    back = new LinkedBlockingQueue<>(capacity);
  }

  public End left() {
    return new End(there, back);
  }

  public End right() {
    return new End(back, there);
  }

  /// One end.
  public static final class End implements PacketTransport {
    private final BlockingQueue<Optional<Packet>> out;
    private final BlockingQueue<Optional<Packet>> in;

    private End(BlockingQueue<Optional<Packet>> out, BlockingQueue<Optional<Packet>> in) {
      this.out = out;
      this.in = in;
    }

    @Override
    public void send(Packet packet) {
      put(Optional.of(packet));
    }

    /// No more packets will come from this end.
    public void end() {
      put(Optional.empty());
    }

    private void put(Optional<Packet> packet) {
      try {
        out.put(packet);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new Cancelled("interrupted while sending", e);
      }
    }

    @Override
    public Optional<Packet> receive() {
      try {
        return in.take();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new Cancelled("interrupted while receiving", e);
      }
    }
  }
}
