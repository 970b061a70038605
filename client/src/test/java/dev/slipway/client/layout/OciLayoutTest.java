package dev.slipway.client.layout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.failure.CorruptData;
import dev.slipway.failure.Denied;
import dev.slipway.failure.NotFound;
import dev.slipway.oci.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OciLayoutTest {
  private static final String REF_NAME = "org.opencontainers.image.ref.name";
  private static final String IMAGE_NAME = "io.containerd.image.name";

  @TempDir Path folder;
  private LayoutFiles files;

  @BeforeEach
  void open() throws IOException {
    files = new LayoutFiles(Files.createDirectory(folder.resolve("layout")));
  }

  @Test
  void findsAnImageByTagOrFullName() throws IOException {
    Digest one = files.image(REF_NAME, "one");
    Digest two = files.image(IMAGE_NAME, "docker.io/library/two:latest");

    OciLayout layout = OciLayout.open(files.directory());

    assertThat(layout.resolve("one")).isEqualTo(one);
    assertThat(layout.resolve("docker.io/library/two:latest")).isEqualTo(two);
  }

  @Test
  void theOnlyImageIsFoundWhateverItsName() throws IOException {
    Digest only = files.image(REF_NAME, "1.36");

    assertThat(OciLayout.open(files.directory()).resolve("latest")).isEqualTo(only);
  }

  @Test
  void saysWhichNamesThereAreWhenNoneFits() throws IOException {
    files.image(REF_NAME, "one");
    files.image(REF_NAME, "two");
    OciLayout layout = OciLayout.open(files.directory());

    assertThatThrownBy(() -> layout.resolve("three"))
        .isInstanceOf(NotFound.class)
        .hasMessageContaining("no image \"three\"")
        .hasMessageEndingWith("it has one, two");
  }

  @Test
  void saysThatADirectoryIsNoLayout() throws IOException {
    OciLayout empty = OciLayout.open(files.directory());
    assertThatThrownBy(() -> empty.resolve("latest"))
        .isInstanceOf(NotFound.class)
        .hasMessageContaining("no OCI image layout");

    Files.writeString(files.directory().resolve("index.json"), "{");
    assertThatThrownBy(() -> empty.resolve("latest")).isInstanceOf(CorruptData.class);
    assertThatThrownBy(() -> OciLayout.open(folder.resolve("absent")))
        .isInstanceOf(NotFound.class)
        .hasMessageContaining("absent");
  }

  @Test
  void followsNoLinkOutOfTheLayout() throws IOException {
    Path outside = Files.writeString(folder.resolve("outside"), "secret");
    Digest inside = files.blob(new byte[] {1, 2, 3});
    Digest link = Digest.ofText("secret");
    Files.createSymbolicLink(files.file(link), outside);
    OciLayout layout = OciLayout.open(files.directory());

    assertThat(layout.find(inside))
        .hasValueSatisfying(blob -> assertThat(blob.bytes()).isEqualTo(3));
    assertThat(layout.find(Digest.ofText("absent"))).isEmpty();
    assertThatThrownBy(() -> layout.find(link)).isInstanceOf(Denied.class);
  }
}
