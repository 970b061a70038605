package dev.slipway.fsutil;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.slipway.api.fsutil.Packet;
import dev.slipway.api.fsutil.Packet.PacketType;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.Unavailable;
import dev.slipway.task.TaskScope;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.LongConsumer;

/// Sends a file tree: announces every entry, then the content of those that the receiver asks for.
///
/// Used for one transfer. Announcing, answering and listening go on at the same time, on virtual
/// threads that end before [#send()] returns.
public final class FsSender {
  private static final int PARALLEL_FILES = 4;
  private static final int CHUNK = 32 * 1024;
  private static final int MAX_ERROR_TEXT = 4096;
  private static final Request LAST = new Request(-1, "");

  private final PacketTransport transport;
  private final FileTree tree;
  private final LongConsumer progress;

  /// Content that may be asked for, by id; guarded by itself.
  private final List<Optional<String>> files = new ArrayList<>();

  private final LinkedBlockingQueue<Request> requests = new LinkedBlockingQueue<>();

  private record Request(int id, String path) {}

  /// @param progress told the bytes of each packet, by several threads at once
  public FsSender(PacketTransport transport, FileTree tree, LongConsumer progress) {
    this.transport = transport;
    this.tree = tree;
    this.progress = progress;
  }

  public FsSender(PacketTransport transport, FileTree tree) {
    this(transport, tree, _ -> {});
  }

  /// Returns when the receiver has all it wants. After a failure the receiver was told, if it can
  /// still be.
  public void send() {
    try (TaskScope scope = TaskScope.open("send files")) {
      scope.forkAction(this::announce);
      for (int i = 0; i < PARALLEL_FILES; i++) {
        scope.forkAction(this::answer);
      }
      scope.forkAction(this::listen);
      scope.join();
    }
  }

  private void announce() {
    HardLinks links = new HardLinks();
    try {
      tree.walk(stat -> announce(links.fixed(stat)));
      transport.send(Packet.newBuilder().setType(PacketType.PACKET_STAT).build());
    } catch (BuildFailure failure) {
      transport.send(error(failure.text()));
      throw failure;
    }
  }

  private void announce(Stat stat) {
    synchronized (files) {
      files.add(stat.isRegular() ? Optional.of(stat.path()) : Optional.empty());
    }
    Packet packet =
        Packet.newBuilder()
            .setType(PacketType.PACKET_STAT)
            .setStat(StatMessages.encode(stat))
            .build();
    transport.send(packet);
    progress.accept(packet.getSerializedSize());
  }

  private void listen() {
    while (true) {
      Packet packet =
          transport.receive().orElseThrow(() -> new Unavailable("the receiver of files went away"));
      switch (packet.getType()) {
        case PACKET_REQ -> request(packet.getID());
        case PACKET_FIN -> {
          for (int i = 0; i < PARALLEL_FILES; i++) {
            requests.add(LAST);
          }
          transport.send(Packet.newBuilder().setType(PacketType.PACKET_FIN).build());
          return;
        }
        case PACKET_ERR ->
            throw new InvalidRequest("error from receiver: " + errorText(packet.getData()));
        case PACKET_STAT, PACKET_DATA, UNRECOGNIZED ->
            throw new InvalidRequest("unexpected packet from the receiver of files");
      }
    }
  }

  private void request(int id) {
    Optional<String> path;
    synchronized (files) {
      path = id < 0 || id >= files.size() ? Optional.empty() : files.set(id, Optional.empty());
    }
    requests.add(
        new Request(
            id,
            path.orElseThrow(
                () -> new InvalidRequest("invalid file id " + Integer.toUnsignedString(id)))));
  }

  @SuppressWarnings("ReferenceEquality") // the mark of the end is that one object
  private void answer() throws InterruptedException {
    byte[] chunk = new byte[CHUNK];
    for (Request request = requests.take(); request != LAST; request = requests.take()) {
      sendFile(request, chunk);
    }
  }

  /// A file that cannot be opened is sent as an empty one, as the reference does.
  private void sendFile(Request request, byte[] chunk) {
    Optional<InputStream> opened = open(request.path());
    if (opened.isPresent()) {
      try (InputStream in = opened.get()) {
        int length = in.readNBytes(chunk, 0, CHUNK);
        while (length > 0) {
          ByteString data =
              length == CHUNK
                  ? ByteString.copyFrom(chunk)
                  : UnsafeByteOperations.unsafeWrap(java.util.Arrays.copyOf(chunk, length));
          sendData(request.id(), data);
          length = length < CHUNK ? 0 : in.readNBytes(chunk, 0, CHUNK);
        }
      } catch (IOException e) {
        String text = "failed to read " + request.path() + ": " + e.getMessage();
        transport.send(error(text));
        throw new InvalidRequest(text, e);
      }
    }
    sendData(request.id(), ByteString.EMPTY);
  }

  private Optional<InputStream> open(String path) {
    try {
      return Optional.of(tree.open(path));
    } catch (IOException _) {
      return Optional.empty();
    }
  }

  private void sendData(int id, ByteString data) {
    Packet packet =
        Packet.newBuilder().setType(PacketType.PACKET_DATA).setID(id).setData(data).build();
    transport.send(packet);
    progress.accept(packet.getSerializedSize());
  }

  static Packet error(String text) {
    return Packet.newBuilder()
        .setType(PacketType.PACKET_ERR)
        .setData(ByteString.copyFromUtf8(clip(text)))
        .build();
  }

  static String errorText(ByteString data) {
    return clip(data.substring(0, Math.min(data.size(), MAX_ERROR_TEXT)).toStringUtf8());
  }

  private static String clip(String text) {
    return text.length() > MAX_ERROR_TEXT ? text.substring(0, MAX_ERROR_TEXT) : text;
  }

  /// A filter may have left out the first name of a file: then its next one is the first. (Its size
  /// stays 0, as with the reference.)
  private static final class HardLinks {
    private final Map<String, String> first = new HashMap<>();

    Stat fixed(Stat stat) {
      if (stat.isDirectory() || stat.isSymlink()) {
        return stat;
      }
      Stat fixed = stat;
      if (stat.isHardLink()) {
        String known = first.putIfAbsent(stat.linkName(), stat.path());
        if (known == null) {
          fixed = stat.withLinkName("");
        } else if (!known.equals(stat.path())) {
          fixed = stat.withLinkName(known);
        }
      }
      first.put(stat.path(), stat.path());
      return fixed;
    }
  }
}
