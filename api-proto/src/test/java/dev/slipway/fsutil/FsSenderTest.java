package dev.slipway.fsutil;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.ByteString;
import dev.slipway.api.fsutil.Packet;
import dev.slipway.api.fsutil.Packet.PacketType;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.Unavailable;
import dev.slipway.fsutil.testing.MemoryTree;
import dev.slipway.fsutil.testing.PacketPipe;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class FsSenderTest {
  private final PacketPipe pipe = new PacketPipe(1_000);
  private final PacketPipe.End peer = pipe.left();

  @Test
  void announcesAllThenSendsWhatIsAskedForThenSaysGoodbye() {
    MemoryTree tree =
        new MemoryTree().directory("d").file("d/a", new byte[70_000]).file("e", new byte[0]);
    peer.send(request(1));
    peer.send(request(2));
    peer.send(packet(PacketType.PACKET_FIN));
    peer.end();

    new FsSender(new Delayed(pipe.right(), 4), tree).send();

    List<Packet> packets = received();
    assertThat(
            packets.stream()
                .filter(p -> p.getType() == PacketType.PACKET_STAT)
                .map(p -> p.getStat().getPath()))
        .containsExactly("d", "d/a", "e", "");
    assertThat(packets.stream().filter(p -> p.getID() == 1).map(p -> p.getData().size()))
        .containsExactly(32 * 1024, 32 * 1024, 70_000 - 64 * 1024, 0);
    assertThat(packets.stream().filter(p -> p.getID() == 2).map(p -> p.getData().size()))
        .containsExactly(0);
    assertThat(packets.stream().filter(p -> p.getType() == PacketType.PACKET_FIN)).hasSize(1);
  }

  @Test
  void fourFilesAtMostAreUnderWayAtOnce() {
    MemoryTree tree = new MemoryTree();
    for (int i = 0; i < 20; i++) {
      tree.file("f%02d".formatted(i), new byte[200_000]);
      peer.send(request(i));
    }
    peer.send(packet(PacketType.PACKET_FIN));

    new FsSender(new Delayed(pipe.right(), 21), tree).send();

    Set<Integer> underWay = new HashSet<>();
    int most = 0;
    for (Packet packet : received()) {
      if (packet.getType() == PacketType.PACKET_DATA) {
        if (packet.getData().isEmpty()) {
          underWay.remove(packet.getID());
        } else {
          underWay.add(packet.getID());
        }
        most = Math.max(most, underWay.size());
      }
    }
    assertThat(most).isBetween(1, 4);
  }

  @Test
  void refusesIdsThatHaveNoContentOrWereAskedForBefore() {
    assertRefused("invalid file id 9", request(9));
    assertRefused("invalid file id 4294967295", request(-1));
    assertRefused("invalid file id 0", request(0));
    assertRefused("invalid file id 1", request(1), request(1));
  }

  @Test
  void passesOnWhyTheReceiverFailed() {
    Packet error =
        packet(PacketType.PACKET_ERR).toBuilder().setData(ByteString.copyFromUtf8("full")).build();

    assertRefused("error from receiver: full", error);
  }

  @Test
  void noticesThatTheReceiverWentAway() {
    peer.end();

    assertThatExceptionOfType(Unavailable.class)
        .isThrownBy(() -> new FsSender(pipe.right(), new MemoryTree()).send());
  }

  @Test
  void tellsTheReceiverWhyItCannotGoOn() {
    FileTree broken =
        new FileTree() {
          @Override
          public void walk(Visitor visitor) {
            throw new InvalidRequest("syntax error in pattern");
          }

          @Override
          public java.io.InputStream open(String path) {
            return java.io.InputStream.nullInputStream();
          }
        };

    assertThatExceptionOfType(BuildFailure.class)
        .isThrownBy(() -> new FsSender(pipe.right(), broken).send());
    assertThat(received())
        .extracting(p -> p.getData().toStringUtf8())
        .containsExactly("syntax error in pattern");
  }

  private void assertRefused(String message, Packet... packets) {
    PacketPipe fresh = new PacketPipe(1_000);
    List.of(packets).forEach(fresh.left()::send);
    MemoryTree tree = new MemoryTree().directory("d").file("d/a", new byte[1]);
    FsSender sender = new FsSender(new Delayed(fresh.right(), 3), tree);
    assertThatExceptionOfType(InvalidRequest.class).isThrownBy(sender::send).withMessage(message);
  }

  /// Lets the peer's packets in only after so many were sent.
  private static final class Delayed implements PacketTransport {
    private final PacketTransport transport;
    private final java.util.concurrent.CountDownLatch sent;

    Delayed(PacketTransport transport, int packets) {
      this.transport = transport;
      this.sent = new java.util.concurrent.CountDownLatch(packets);
    }

    @Override
    public void send(Packet packet) {
      transport.send(packet);
      sent.countDown();
    }

    @Override
    public java.util.Optional<Packet> receive() {
      try {
        sent.await();
      } catch (InterruptedException e) {
        throw new dev.slipway.failure.Cancelled("interrupted", e);
      }
      return transport.receive();
    }
  }

  private List<Packet> received() {
    pipe.right().end();
    List<Packet> packets = new ArrayList<>();
    for (var next = peer.receive(); next.isPresent(); next = peer.receive()) {
      packets.add(next.get());
    }
    return packets;
  }

  private static Packet request(int id) {
    return packet(PacketType.PACKET_REQ).toBuilder().setID(id).build();
  }

  private static Packet packet(PacketType type) {
    return Packet.newBuilder().setType(type).build();
  }
}
