package dev.slipway.workernative.linux;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;

/// The native memory of one or a few calls made by one thread: arguments live until it is closed,
/// and `errno` is captured into it before the Java runtime can overwrite it. Confined to its
/// thread.
final class CallFrame implements AutoCloseable {
  private static final StructLayout CAPTURED = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      CAPTURED.varHandle(MemoryLayout.PathElement.groupElement("errno"));

  private static final char UNREADABLE = '\uFFFD';

  private final Arena arena = Arena.ofConfined();
  final MemorySegment captured = arena.allocate(CAPTURED);

  MemorySegment text(String text) {
    return terminated(text.getBytes(StandardCharsets.UTF_8));
  }

  /// File names are bytes. Those that are no text in the platform's encoding show as U+FFFD, but
  /// the path still knows the bytes.
  MemorySegment text(Path path) {
    String text = path.toString();
    return text.indexOf(UNREADABLE) < 0 ? text(text) : terminated(bytesOf(path));
  }

  private MemorySegment terminated(byte[] bytes) {
    MemorySegment segment = arena.allocate(bytes.length + 1L);
    MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, 0, bytes.length);
    return segment;
  }

  private static byte[] bytesOf(Path path) {
    String escaped = path.toUri().getRawPath();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(escaped.length());
    for (int i = 0; i < escaped.length(); i++) {
      if (escaped.charAt(i) == '%') {
        bytes.write(HexFormat.fromHexDigits(escaped, i + 1, i + 3));
        i += 2;
      } else {
        bytes.write(escaped.charAt(i));
      }
    }
    return bytes.toByteArray();
  }

  MemorySegment bytes(byte[] bytes) {
    MemorySegment segment = arena.allocate(Math.max(1, bytes.length));
    MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, 0, bytes.length);
    return segment;
  }

  MemorySegment space(long bytes) {
    return arena.allocate(bytes, 8);
  }

  /// The result as the kernel gives it: itself when not negative, else minus errno.
  long result(long returned) {
    return returned >= 0 ? returned : -(int) ERRNO.get(captured, 0L);
  }

  @Override
  public void close() {
    arena.close();
  }
}
