package dev.slipway.fsutil;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.ByteString;
import dev.slipway.api.fsutil.Packet;
import dev.slipway.api.fsutil.Packet.PacketType;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Exhausted;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.Unavailable;
import dev.slipway.fsutil.testing.MemoryTree;
import dev.slipway.fsutil.testing.PacketPipe;
import dev.slipway.task.TaskScope;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What a hostile or broken sender cannot do.
final class FsReceiverTest {
  private static final ReceiveLimits LIMITS = new ReceiveLimits(50, 300, 100, 1_000, 4);

  private final RecordingTarget target = new RecordingTarget();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "..",
        "../x",
        "a/../../x",
        "/etc/passwd",
        "/",
        "",
        ".",
        "a//b",
        "a/",
        "./a",
        "a/./b"
      })
  void refusesPathsThatAreNotCleanAndRelative(String path) {
    assertRefused(InvalidRequest.class, directory("a"), file(path));
  }

  @Test
  void refusesNulBytesAndEndlessNames() {
    assertRefused(InvalidRequest.class, file("a\0b"));
    assertRefused(InvalidRequest.class, file("x".repeat(256)));
    assertRefused(InvalidRequest.class, file("é".repeat(130)));
  }

  static Stream<List<Packet>> disorder() {
    return Stream.of(
        List.of(file("b"), file("a")),
        List.of(file("a"), file("a")),
        List.of(file("missing/x")),
        List.of(file("a"), file("a/x")),
        List.of(symlink("a", "/"), file("a/x")),
        List.of(directory("a"), file("b"), file("a/x")),
        List.of(directory("a"), file("a/z"), file("a/b")),
        List.of(file("a-b"), directory("a"), file("a/x")));
  }

  @ParameterizedTest
  @MethodSource("disorder")
  void refusesEntriesOutOfOrderOrBelowNoDirectory(List<Packet> packets) {
    assertRefused(InvalidRequest.class, packets.toArray(Packet[]::new));
  }

  @Test
  void refusesHardLinksToWhatDidNotComeBefore() {
    assertRefused(InvalidRequest.class, hardLink("a", "b"), file("b"));
    assertRefused(InvalidRequest.class, directory("a"), hardLink("b", "a"));
    assertRefused(InvalidRequest.class, file("a"), hardLink("b", "../../etc/shadow"));
  }

  @Test
  void refusesContentThatWasNotAskedFor() {
    assertRefused(InvalidRequest.class, file("a"), data(7, "x"));
    assertRefused(InvalidRequest.class, directory("a"), data(0, "x"));
    assertRefused(InvalidRequest.class, file("a"), data(0, "x"), data(0, ""), data(0, "again"));
  }

  @Test
  void boundsWhatASenderMayAskOfUs() {
    assertRefused(
        Exhausted.class,
        Stream.iterate(0, i -> i + 1)
            .limit(60)
            .map(i -> file("f%03d".formatted(i)))
            .toArray(Packet[]::new));
    assertRefused(Exhausted.class, file("a"), data(0, "x".repeat(900)), data(0, "x".repeat(900)));
    Stat greedy =
        new Stat(
            "a", 0644, 0, 0, 0, 0, "", 0, 0, Map.of("user.x", ByteString.copyFrom(new byte[200])));
    assertRefused(InvalidRequest.class, stat(greedy));
    assertRefused(InvalidRequest.class, symlink("a", "x".repeat(400)));
    assertRefused(
        InvalidRequest.class,
        file("a"),
        file("b"),
        file("c"),
        file("d"),
        file("e"),
        data(0, "x"),
        data(1, "x"),
        data(2, "x"),
        data(3, "x"),
        data(4, "x"));
  }

  @Test
  void refusesAnythingAfterTheEnd() {
    assertRefused(InvalidRequest.class, file("a"), end(), file("b"));
    assertRefused(InvalidRequest.class, end(), fin(), fin());
    assertRefused(InvalidRequest.class, fin());
    assertRefused(InvalidRequest.class, Packet.newBuilder().setType(PacketType.PACKET_REQ).build());
    assertRefused(InvalidRequest.class, Packet.newBuilder().setTypeValue(77).build());
  }

  @Test
  void aSenderThatGoesAwayLeavesNoOpenFile() {
    assertRefused(Unavailable.class, file("a"), data(0, "half"));

    assertThat(target.closed).containsExactly("a");
    assertThat(target.finished).isEmpty();
  }

  @Test
  void passesOnWhyTheSenderFailed() {
    Packet error =
        Packet.newBuilder()
            .setType(PacketType.PACKET_ERR)
            .setData(ByteString.copyFromUtf8("no access"))
            .build();

    assertThat(assertRefused(InvalidRequest.class, file("a"), error))
        .hasMessage("error from sender: no access");
  }

  @Test
  void idsCountEveryEntryAndFinComesLast() {
    PacketPipe pipe = new PacketPipe(100);
    PacketPipe.End peer = pipe.left();
    List.of(directory("d"), file("d/a"), symlink("l", "x"), file("z"), end()).forEach(peer::send);
    List<Packet> asked = new ArrayList<>();
    try (TaskScope scope = TaskScope.open("test")) {
      scope.forkAction(() -> new FsReceiver(pipe.right(), target, LIMITS).receive());
      asked.add(peer.receive().orElseThrow());
      asked.add(peer.receive().orElseThrow());
      List.of(data(3, "zz"), data(1, "a"), data(1, ""), data(3, "")).forEach(peer::send);
      asked.add(peer.receive().orElseThrow());
      peer.send(fin());
      peer.end();
      scope.join();
    }

    assertThat(target.finished).containsExactly("d/a", "z");
    assertThat(target.events).endsWith("announced", "complete");
    assertThat(asked).extracting(Packet::getID).containsExactly(1, 3, 0);
    assertThat(asked.getLast().getType()).isEqualTo(PacketType.PACKET_FIN);
  }

  private <F extends BuildFailure> F assertRefused(Class<F> kind, Packet... packets) {
    PacketPipe pipe = new PacketPipe(200);
    PacketPipe.End peer = pipe.left();
    for (Packet packet : packets) {
      peer.send(packet);
    }
    peer.end();
    F failure =
        assertThatExceptionOfType(kind)
            .isThrownBy(
                () -> new FsReceiver(pipe.right(), new RecordingTarget(target), LIMITS).receive())
            .actual();
    Optional<Packet> last = Optional.empty();
    do {
      last = peer.receive();
    } while (last.isPresent() && last.get().getType() != PacketType.PACKET_ERR);
    assertThat(last.map(p -> p.getData().toStringUtf8())).contains(failure.text());
    return failure;
  }

  private static Packet file(String path) {
    return stat(MemoryTree.stat(path, 0644, 1));
  }

  private static Packet directory(String path) {
    return stat(MemoryTree.stat(path, FileMode.DIRECTORY | 0755, 0));
  }

  private static Packet symlink(String path, String text) {
    return stat(MemoryTree.stat(path, FileMode.SYMLINK | 0777, 0).withLinkName(text));
  }

  private static Packet hardLink(String path, String first) {
    return stat(MemoryTree.stat(path, 0644, 0).withLinkName(first));
  }

  private static Packet stat(Stat stat) {
    return Packet.newBuilder()
        .setType(PacketType.PACKET_STAT)
        .setStat(StatMessages.encode(stat))
        .build();
  }

  private static Packet data(int id, String text) {
    return Packet.newBuilder()
        .setType(PacketType.PACKET_DATA)
        .setID(id)
        .setData(ByteString.copyFromUtf8(text))
        .build();
  }

  private static Packet end() {
    return Packet.newBuilder().setType(PacketType.PACKET_STAT).build();
  }

  private static Packet fin() {
    return Packet.newBuilder().setType(PacketType.PACKET_FIN).build();
  }

  /// Wishes the content of every file and remembers what happened.
  private static final class RecordingTarget implements ReceiveTarget {
    final List<String> events;
    final List<String> finished;
    final List<String> closed;

    RecordingTarget() {
      events = new ArrayList<>();
      finished = new ArrayList<>();
      closed = new ArrayList<>();
    }

    RecordingTarget(RecordingTarget same) {
      events = same.events;
      finished = same.finished;
      closed = same.closed;
    }

    @Override
    public Wish entry(Stat stat) {
      events.add(stat.path());
      return stat.isRegular() && !stat.isHardLink() ? Wish.CONTENT : Wish.NOTHING;
    }

    @Override
    public Content content(Stat stat) {
      return new Content() {
        @Override
        public void write(ByteString data) {}

        @Override
        public void finish() {
          finished.add(stat.path());
        }

        @Override
        public void close() {
          closed.add(stat.path());
        }
      };
    }

    @Override
    public void announced() {
      events.add("announced");
    }

    @Override
    public void complete() {
      events.add("complete");
    }
  }
}
