package dev.slipway.workernative.linux;

import dev.slipway.failure.Exhausted;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.WrongState;
import dev.slipway.kernel.Deflate;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;

/// libdeflate, which takes a third of zlib's time for the same sizes (Debian's package
/// `libdeflate0`). It compresses whole buffers only, so each call has memory of its own, as large
/// as what it is given and once more. Thread-safe; a call keeps its thread busy for some
/// milliseconds.
final class Libdeflate implements Deflate {
  /// The name with the version of the interface first: the other comes with the headers only.
  private static final List<String> FILES = List.of("libdeflate.so.0", "libdeflate.so");

  private final MemorySegment allocate;
  private final MemorySegment bound;
  private final MemorySegment compress;
  private final MemorySegment free;

  private Libdeflate(SymbolLookup library) {
    allocate = library.findOrThrow("libdeflate_alloc_compressor");
    bound = library.findOrThrow("libdeflate_deflate_compress_bound");
    compress = library.findOrThrow("libdeflate_deflate_compress");
    free = library.findOrThrow("libdeflate_free_compressor");
  }

  /// The library, if this host has it and it is what it should be.
  static Optional<Deflate> find() {
    for (String file : FILES) {
      try {
        return Optional.of(open(file));
      } catch (IllegalArgumentException | java.util.NoSuchElementException absent) {
        // The next name, or none: the Java runtime's zlib does the work then.
      }
    }
    return Optional.empty();
  }

  @SuppressWarnings("restricted") // the launcher grants native access
  private static Deflate open(String file) {
    return new Libdeflate(SymbolLookup.libraryLookup(file, Arena.global()));
  }

  @Override
  public String name() {
    return "libdeflate";
  }

  @Override
  public byte[] deflate(byte[] bytes, int length, int level) {
    if (level < 0 || level > 9) {
      throw new InvalidRequest("there is no level " + level + " of compression");
    }
    try (var frame = new CallFrame()) {
      long compressor = Libc.call(frame, allocate, level, 0, 0, 0, 0);
      if (compressor <= 0) {
        throw new Exhausted("libdeflate has no memory to compress with");
      }
      try {
        return deflate(frame, compressor, bytes, length);
      } finally {
        Libc.call(frame, free, compressor, 0, 0, 0, 0);
      }
    }
  }

  private byte[] deflate(CallFrame frame, long compressor, byte[] bytes, int length) {
    MemorySegment input = frame.space(Math.max(1, length));
    MemorySegment.copy(bytes, 0, input, ValueLayout.JAVA_BYTE, 0, length);
    long room = Libc.call(frame, bound, compressor, length, 0, 0, 0);
    MemorySegment output = frame.space(room);
    long written =
        Libc.call(frame, compress, compressor, input.address(), length, output.address(), room);
    if (written <= 0 || written > room) {
      throw new WrongState("libdeflate failed to compress " + length + " bytes");
    }
    return output.asSlice(0, written).toArray(ValueLayout.JAVA_BYTE);
  }
}
