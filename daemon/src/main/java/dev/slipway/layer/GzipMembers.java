package dev.slipway.layer;

import dev.slipway.task.TaskScope;
import dev.slipway.task.TaskScope.Forked;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.LongConsumer;

/// Writes gzip members one after the other, several compressed at the same time. Confined to one
/// thread; its tasks are not.
final class GzipMembers {
  private static final int MOST_WAITING = 256;
  private static final long MOST_WAITING_BYTES = 32 << 20;

  private final OutputStream out;
  private final GzipForm form;
  private final TaskScope scope;
  private final Deque<Waiting> waiting = new ArrayDeque<>();
  private long waitingBytes;
  private long written;

  private record Waiting(Forked<GzipMember> member, int length, LongConsumer start) {}

  /// @param out not closed
  GzipMembers(OutputStream out, GzipForm form, TaskScope scope) {
    this.out = out;
    this.form = form;
    this.scope = scope;
  }

  /// @param bytes taken over
  /// @param start told where the member starts, once that is known
  void add(byte[] bytes, int length, LongConsumer start) throws IOException {
    waiting.add(new Waiting(scope.fork(() -> GzipMember.of(bytes, length, form)), length, start));
    waitingBytes += length;
    while (waiting.size() > MOST_WAITING || waitingBytes > MOST_WAITING_BYTES) {
      writeFirst();
    }
  }

  /// Writes all that is waiting.
  ///
  /// @return how many bytes were written altogether
  long finish() throws IOException {
    while (!waiting.isEmpty()) {
      writeFirst();
    }
    return written;
  }

  private void writeFirst() throws IOException {
    Waiting first = waiting.remove();
    GzipMember member = first.member.result();
    first.start.accept(written);
    member.writeTo(out);
    written += member.size();
    waitingBytes -= first.length;
  }
}
