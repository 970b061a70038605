package dev.slipway.client.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.ByteString;
import dev.slipway.fsutil.ExtendedAttributes;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LinuxAttributesTest {
  /// CAP_NET_BIND_SERVICE, permitted and effective (linux/capability.h, revision 2).
  private static final byte[] CAPABILITY =
      HexFormat.of().parseHex("0100000200040000000000000000000000000000");

  private final ExtendedAttributes attributes = LinuxAttributes.open();

  @TempDir Path folder;

  @Test
  void readsEveryNamespaceAndLargeValues() throws IOException {
    Path file = Files.writeString(folder.resolve("file ü"), "");
    byte[] large = "v".repeat(3000).getBytes(StandardCharsets.UTF_8);
    assumeTrue(set(file, "user.empty", new byte[0]), "a file system with attributes");
    set(file, "user.large", large);
    assumeTrue(set(file, "security.capability", CAPABILITY), "CAP_SETFCAP");

    assertThat(attributes.read(file))
        .containsEntry("user.empty", ByteString.EMPTY)
        .containsEntry("user.large", ByteString.copyFrom(large))
        .containsEntry("security.capability", ByteString.copyFrom(CAPABILITY));
  }

  @Test
  void readsThoseOfALinkItself() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    Path link = Files.createSymbolicLink(folder.resolve("link"), file);
    assumeTrue(set(file, "user.of-the-file", CAPABILITY), "a file system with attributes");
    assumeTrue(set(link, "trusted.of-the-link", CAPABILITY), "CAP_SYS_ADMIN");

    assertThat(attributes.read(link))
        .containsEntry("trusted.of-the-link", ByteString.copyFrom(CAPABILITY))
        .doesNotContainKey("user.of-the-file");
  }

  @Test
  void whatIsNotThereHasNone() {
    assertThat(attributes.read(folder.resolve("missing"))).isEmpty();
  }

  /// lsetxattr(2).
  @SuppressWarnings("restricted") // the tests are started with native access
  private static boolean set(Path file, String name, byte[] value) {
    Linker linker = Linker.nativeLinker();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes =
          value.length == 0 ? MemorySegment.NULL : arena.allocateFrom(ValueLayout.JAVA_BYTE, value);
      int result =
          (int)
              linker
                  .downcallHandle(
                      linker.defaultLookup().find("lsetxattr").orElseThrow(),
                      FunctionDescriptor.of(
                          JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT))
                  .invokeExact(
                      arena.allocateFrom(file.toString()),
                      arena.allocateFrom(name),
                      bytes,
                      (long) value.length,
                      0);
      return result == 0;
    } catch (Throwable thrown) {
      throw new AssertionError(thrown);
    }
  }
}
