package dev.slipway.source.local;

import com.google.protobuf.ByteString;
import dev.slipway.fsutil.PatternMatcher;
import dev.slipway.fsutil.ReceiveTarget;
import dev.slipway.fsutil.Stat;
import dev.slipway.fsutil.StatMessages;
import dev.slipway.task.Clock;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;

/// Receives a list of all entries instead of the entries, but for those that match, which come with
/// the directories they are in (fsutil, `receive.go`). The list becomes a file of the tree: each
/// entry's message with its length in four bytes before it, little end first. Confined to one
/// thread.
final class MetadataReceiver implements ReceiveTarget {
  static final String LIST = ".fsutil-metadata";

  private static final int LIST_MODE = 0644;

  private final TreeReceiver receiver;
  private final PatternMatcher exceptions;
  private final Clock clock;
  private final ByteString.Output list = ByteString.newOutput();

  /// The directories above the current entry that have not been passed on, outermost first.
  private final Deque<Stat> pending = new ArrayDeque<>();

  /// @param exceptions patterns of what is received as it is
  MetadataReceiver(TreeReceiver receiver, List<String> exceptions, Clock clock) {
    this.receiver = receiver;
    this.exceptions = PatternMatcher.of(exceptions);
    this.clock = clock;
  }

  @Override
  public Wish entry(Stat stat) {
    if (stat.path().equals(LIST)) {
      return Wish.NOTHING;
    }
    append(StatMessages.bytes(stat));
    while (!pending.isEmpty() && !stat.path().startsWith(pending.getLast().path() + "/")) {
      pending.removeLast();
    }
    if (!exceptions.matches(stat.path())) {
      if (stat.isDirectory()) {
        pending.addLast(stat);
      }
      return Wish.NOTHING;
    }
    pending.forEach(receiver::entry);
    pending.clear();
    return receiver.entry(stat);
  }

  private void append(byte[] message) {
    ByteBuffer length = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    list.write(length.putInt(message.length).array(), 0, Integer.BYTES);
    list.write(message, 0, message.length);
  }

  @Override
  public Content content(Stat stat) {
    return receiver.content(stat);
  }

  @Override
  public void announced() {
    receiver.announced();
  }

  @Override
  public void complete() {
    ByteString bytes = list.toByteString();
    Instant now = clock.now();
    Stat stat =
        new Stat(
            LIST,
            LIST_MODE,
            0,
            0,
            bytes.size(),
            now.getEpochSecond() * 1_000_000_000L + now.getNano(),
            "",
            0,
            0,
            Map.of());
    if (receiver.entry(stat) == Wish.CONTENT) {
      try (Content content = receiver.content(stat)) {
        content.write(bytes);
        content.finish();
      }
    }
    receiver.complete();
  }
}
