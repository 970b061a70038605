package dev.slipway.layer;

import dev.slipway.task.TaskScope;
import dev.slipway.task.TaskScope.Forked;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.Deque;

/// Writes gzip whose parts are compressed at the same time: the input is cut at every mebibyte, and
/// each piece becomes a member of its own. What is compressed depends on no other piece, and so not
/// on how many are worked on. Confined to one thread; its tasks are not.
final class ParallelGzip extends OutputStream {
  private static final int PIECE = 1 << 20;

  private final OutputStream out;
  private final GzipForm form;
  private final TaskScope scope;
  private final int parallel;
  private final Deque<Running> running = new ArrayDeque<>();

  /// Pieces that were compressed, to be filled again: as many as are under way at most.
  private final Deque<byte[]> free = new ArrayDeque<>();

  private byte[] piece = new byte[PIECE];
  private int filled;
  private boolean empty = true;
  private boolean closed;

  private record Running(Forked<GzipMember> member, byte[] piece) {}

  /// @param out not closed
  /// @param parallel for how many threads there is work at any time
  ParallelGzip(OutputStream out, GzipForm form, int parallel, TaskScope scope) {
    this.out = out;
    this.form = form;
    this.parallel = parallel;
    this.scope = scope;
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] buffer, int offset, int length) throws IOException {
    int at = offset;
    int left = length;
    while (left > 0) {
      int count = Math.min(left, PIECE - filled);
      System.arraycopy(buffer, at, piece, filled, count);
      filled += count;
      at += count;
      left -= count;
      if (filled == PIECE) {
        submit();
        piece = free.isEmpty() ? new byte[PIECE] : free.pop();
      }
    }
  }

  /// Ends the last member. The target stays open.
  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    if (filled > 0 || empty) {
      submit();
    }
    while (!running.isEmpty()) {
      writeFirst();
    }
  }

  private void submit() throws IOException {
    byte[] full = piece;
    int length = filled;
    running.add(new Running(scope.fork(() -> GzipMember.of(full, length, form)), full));
    filled = 0;
    empty = false;
    if (running.size() > 2 * parallel) {
      writeFirst();
    }
  }

  private void writeFirst() throws IOException {
    Running first = running.remove();
    first.member.result().writeTo(out);
    free.push(first.piece);
  }
}
