package dev.slipway.source.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.slipway.fsutil.Stat;
import dev.slipway.layer.testing.UnprivilegedKernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EntryAttributesTest {
  private static final ByteString VALUE = ByteString.copyFromUtf8("v");

  @TempDir Path folder;

  @Test
  void attributesThatTheFileSystemRefusesAreLeftOut() throws IOException {
    UnprivilegedKernel kernel = UnprivilegedKernel.refusing("security.selinux");
    Path file = Files.writeString(folder.resolve("file"), "");

    EntryAttributes.ofThisProcess(kernel)
        .complete(file, stat(Map.of("security.selinux", VALUE, "user.kept", VALUE)));

    assertThat(kernel.extendedAttributes(file)).containsOnlyKeys("user.kept");
  }

  @Test
  void attributesOfOverlayfsAreNotTakenFromAClient() throws IOException {
    UnprivilegedKernel kernel = new UnprivilegedKernel();
    Path directory = Files.createDirectory(folder.resolve("directory"));

    EntryAttributes.ofThisProcess(kernel)
        .replace(directory, stat(Map.of("trusted.overlay.opaque", VALUE, "trusted.other", VALUE)));

    assertThat(kernel.extendedAttributes(directory)).containsOnlyKeys("trusted.other");
  }

  private static Stat stat(Map<String, ByteString> attributes) {
    return new Stat("file", 0644, 0, 0, 0, 0, "", 0, 0, attributes);
  }
}
