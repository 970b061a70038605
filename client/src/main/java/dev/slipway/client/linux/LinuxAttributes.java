package dev.slipway.client.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import com.google.protobuf.ByteString;
import dev.slipway.fsutil.ExtendedAttributes;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// All extended attributes that this process may see, of whatever namespace and on whatever kind of
/// file, as BuildKit's clients send them (fsutil, `stat_unix.go`). Thread-safe: holds no state.
///
/// Both functions take only integers and addresses, so one handle serves for them: four arguments
/// in registers, of which a function looks at the ones it has. A handle each would cost
/// milliseconds at start-up. Neither sets errno for anything that matters here: what fails is not
/// there.
@SuppressWarnings("restricted") // the launcher grants native access
public final class LinuxAttributes implements ExtendedAttributes {
  /// What fails is tried again when the file seems to have changed in between, but not for ever.
  private static final int ATTEMPTS = 5;

  private final MethodHandle call;
  private final MemorySegment list;
  private final MemorySegment value;

  private LinuxAttributes(MethodHandle call, MemorySegment list, MemorySegment value) {
    this.call = call;
    this.list = list;
    this.value = value;
  }

  /// Those of the `user` namespace only where the C library has no such functions. The first call
  /// takes tens of milliseconds: the Java runtime generates code for it.
  public static ExtendedAttributes open() {
    return Linked.ATTRIBUTES;
  }

  /// Looked up when first needed: many commands send no files.
  private static final class Linked {
    private static final ExtendedAttributes ATTRIBUTES = link();

    private static ExtendedAttributes link() {
      Linker linker = Linker.nativeLinker();
      Optional<MemorySegment> list = linker.defaultLookup().find("llistxattr");
      Optional<MemorySegment> value = linker.defaultLookup().find("lgetxattr");
      if (list.isEmpty() || value.isEmpty()) {
        return ExtendedAttributes.ofUser();
      }
      MethodHandle call =
          linker.downcallHandle(
              FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG));
      return new LinuxAttributes(call, list.get(), value.get());
    }
  }

  @Override
  public Map<String, ByteString> read(Path file) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment path = text(arena, file.toString());
      Optional<ByteString> names = bytes(arena, list, path, MemorySegment.NULL);
      if (names.isEmpty() || names.get().isEmpty()) {
        return Map.of();
      }
      Map<String, ByteString> attributes = new HashMap<>();
      for (String name : names.get().toString(StandardCharsets.UTF_8).split("\0")) {
        bytes(arena, value, path, text(arena, name))
            .ifPresent(bytes -> attributes.put(name, bytes));
      }
      return attributes;
    }
  }

  /// What one of the functions fills a buffer with; each tells how much there is when it is given
  /// no room. Empty when it cannot be read, as by someone who may not read the file.
  private Optional<ByteString> bytes(
      Arena arena, MemorySegment function, MemorySegment path, MemorySegment name) {
    for (int i = 0; i < ATTEMPTS; i++) {
      long room = fill(function, path, name, MemorySegment.NULL, 0);
      if (room < 0) {
        return Optional.empty();
      }
      if (room == 0) {
        return Optional.of(ByteString.EMPTY);
      }
      MemorySegment buffer = arena.allocate(room);
      long filled = fill(function, path, name, buffer, room);
      if (filled >= 0) {
        return Optional.of(ByteString.copyFrom(buffer.asSlice(0, filled).toArray(JAVA_BYTE)));
      }
    }
    return Optional.empty();
  }

  /// llistxattr(2), names with a zero byte after each, or lgetxattr(2). The JDK sees only the
  /// `user` namespace; `trusted` needs CAP_SYS_ADMIN.
  ///
  /// @param name of the attribute; none for the list
  private long fill(
      MemorySegment function,
      MemorySegment path,
      MemorySegment name,
      MemorySegment buffer,
      long room) {
    try {
      return function.equals(list)
          ? (long) call.invokeExact(function, path.address(), buffer.address(), room, 0L)
          : (long)
              call.invokeExact(function, path.address(), name.address(), buffer.address(), room);
    } catch (RuntimeException | Error thrown) {
      throw thrown;
    } catch (Throwable thrown) {
      throw new IllegalStateException("a native call threw", thrown);
    }
  }

  private static MemorySegment text(Arena arena, String text) {
    return arena.allocateFrom(text, StandardCharsets.UTF_8);
  }
}
