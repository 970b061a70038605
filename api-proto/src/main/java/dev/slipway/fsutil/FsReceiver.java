package dev.slipway.fsutil;

import com.google.protobuf.ByteString;
import dev.slipway.api.fsutil.Packet;
import dev.slipway.api.fsutil.Packet.PacketType;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Exhausted;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.Unavailable;
import dev.slipway.fsutil.ReceiveTarget.Content;
import dev.slipway.fsutil.ReceiveTarget.Wish;
import dev.slipway.task.TaskScope;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;

/// Receives a file tree into a target, asking for the content that the target wants.
///
/// Used for one transfer. Listening and asking go on at the same time (a peer that waits for us to
/// listen must not keep us from it), on virtual threads that end before [#receive()] returns; the
/// target is only used by the listening one.
public final class FsReceiver {
  private static final Integer LAST = -1;

  private final PacketTransport transport;
  private final ReceiveTarget target;
  private final ReceiveLimits limits;

  private final StatSequence sequence;
  private final LinkedBlockingQueue<Integer> wanted = new LinkedBlockingQueue<>();
  private final Semaphore requestable;

  /// Files that are asked for or will be, by id; and of those the ones whose content has begun. Of
  /// the listening thread.
  private final Map<Integer, Stat> pending = new HashMap<>();

  private final Map<Integer, Content> open = new HashMap<>();
  private int nextId;
  private long contentBytes;
  private boolean announced;

  public FsReceiver(PacketTransport transport, ReceiveTarget target, ReceiveLimits limits) {
    this.transport = transport;
    this.target = target;
    this.limits = limits;
    this.sequence = new StatSequence(limits);
    this.requestable = new Semaphore(limits.requestedAtOnce());
  }

  /// Returns when the target has everything and the sender knows it. After a failure the sender was
  /// told, if it can still be.
  public void receive() {
    try (TaskScope scope = TaskScope.open("receive files")) {
      scope.forkAction(this::ask);
      scope.forkAction(this::listenOrTell);
      scope.join();
    }
  }

  private void ask() throws InterruptedException {
    for (Integer id = wanted.take(); !id.equals(LAST); id = wanted.take()) {
      requestable.acquire();
      transport.send(Packet.newBuilder().setType(PacketType.PACKET_REQ).setID(id).build());
    }
  }

  private void listenOrTell() {
    try {
      listen();
    } catch (BuildFailure failure) {
      tell(failure);
      throw failure;
    } finally {
      open.values().forEach(Content::close);
    }
  }

  private void tell(BuildFailure failure) {
    try {
      transport.send(FsSender.error(failure.text()));
    } catch (BuildFailure alsoFailed) {
      failure.addSuppressed(alsoFailed);
    }
  }

  private void listen() {
    while (!announced || !pending.isEmpty()) {
      Packet packet = next();
      switch (packet.getType()) {
        case PACKET_STAT -> stat(packet);
        case PACKET_DATA -> data(packet.getID(), packet.getData());
        case PACKET_ERR ->
            throw new InvalidRequest("error from sender: " + FsSender.errorText(packet.getData()));
        case PACKET_FIN, PACKET_REQ, UNRECOGNIZED ->
            throw new InvalidRequest("unexpected packet from the sender of files");
      }
    }
    target.complete();
    wanted.add(LAST);
    transport.send(Packet.newBuilder().setType(PacketType.PACKET_FIN).build());
    awaitEnd();
  }

  private Packet next() {
    return transport.receive().orElseThrow(() -> new Unavailable("the sender of files went away"));
  }

  private void stat(Packet packet) {
    if (announced) {
      throw new InvalidRequest("file announced after the last one");
    }
    if (!packet.hasStat()) {
      announced = true;
      target.announced();
      return;
    }
    Stat stat = StatMessages.decode(packet.getStat());
    sequence.check(stat);
    int id = nextId++;
    if (target.entry(stat) == Wish.CONTENT) {
      if (!stat.isRegular() || stat.isHardLink()) {
        throw new IllegalStateException("content wished of what has none: " + stat.path());
      }
      pending.put(id, stat);
      wanted.add(id);
    }
  }

  private void data(int id, ByteString data) {
    Stat stat = pending.get(id);
    if (stat == null) {
      throw new InvalidRequest(
          "content for a file that was not asked for: id " + Integer.toUnsignedString(id));
    }
    if (!open.containsKey(id) && open.size() >= limits.requestedAtOnce()) {
      throw new InvalidRequest("content of more files at once than were asked for");
    }
    Content content = open.computeIfAbsent(id, _ -> target.content(stat));
    if (data.isEmpty()) {
      content.finish();
      content.close();
      open.remove(id);
      pending.remove(id);
      requestable.release();
      return;
    }
    contentBytes += data.size();
    if (contentBytes > limits.contentBytes()) {
      throw new Exhausted("more than " + limits.contentBytes() + " bytes of files");
    }
    content.write(data);
  }

  /// The sender answers with FIN and closes its side; nothing else may come.
  private void awaitEnd() {
    boolean finished = false;
    for (var packet = transport.receive(); packet.isPresent(); packet = transport.receive()) {
      if (finished || packet.get().getType() != PacketType.PACKET_FIN) {
        throw new InvalidRequest("packet after the end of a file transfer");
      }
      finished = true;
    }
  }
}
