package dev.slipway.layer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.kernel.FileAttributes;
import dev.slipway.layer.testing.UnprivilegedKernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LayerSettlerTest {
  private final UnprivilegedKernel kernel = new UnprivilegedKernel();

  @TempDir Path folder;
  private Path layer = Path.of("");
  private Path below = Path.of("");

  @BeforeEach
  void makeLayers() throws IOException {
    layer = Files.createDirectories(folder.resolve("layer"));
    below = Files.createDirectories(folder.resolve("below"));
  }

  @Test
  void whatAnOpaqueDirectoryHidIsDeletedAndNothingElse() throws IOException {
    Files.createDirectories(below.resolve("bar/sub"));
    Files.writeString(below.resolve("bar/A"), "");
    Files.writeString(below.resolve("bar/D"), "");
    opaque("bar");
    Files.writeString(layer.resolve("bar/D"), "new");
    Files.setLastModifiedTime(layer.resolve("bar"), FileTime.fromMillis(5000));

    new LayerSettler(kernel).settle(layer, List.of(below));

    assertThat(isOpaque("bar")).isFalse();
    assertThat(isWhiteout("bar/A")).isTrue();
    assertThat(isWhiteout("bar/sub")).isTrue();
    assertThat(Files.readString(layer.resolve("bar/D"))).isEqualTo("new");
    assertThat(Files.getLastModifiedTime(layer.resolve("bar")))
        .isEqualTo(FileTime.fromMillis(5000));
  }

  @Test
  void directoriesInsideHideWhatWasBelowThemToo() throws IOException {
    Files.createDirectories(below.resolve("bar/sub"));
    Files.writeString(below.resolve("bar/sub/old"), "");
    opaque("bar");
    Files.createDirectories(layer.resolve("bar/sub"));
    Files.writeString(layer.resolve("bar/sub/new"), "");

    new LayerSettler(kernel).settle(layer, List.of(below));

    assertThat(isWhiteout("bar/sub/old")).isTrue();
  }

  @Test
  void aDirectoryThatHidesNothingIsNoLongerOpaque() throws IOException {
    opaque("fresh");
    Files.createDirectories(layer.resolve("plain"));
    Files.createDirectories(below.resolve("plain/kept"));
    Files.setLastModifiedTime(layer.resolve("plain"), FileTime.fromMillis(7000));

    new LayerSettler(kernel).settle(layer, List.of(below));

    assertThat(isOpaque("fresh")).isFalse();
    assertThat(layer.resolve("fresh")).isEmptyDirectory();
    assertThat(layer.resolve("plain")).isEmptyDirectory();
  }

  @Test
  void whatWasHiddenOrDeletedBelowAlreadyStaysOut() throws IOException {
    Path middle = Files.createDirectories(folder.resolve("middle"));
    Files.createDirectories(below.resolve("bar"));
    Files.writeString(below.resolve("bar/gone"), "");
    Files.createDirectories(middle.resolve("bar"));
    kernel.setExtendedAttribute(middle.resolve("bar"), LayerTree.OPAQUE, new byte[] {'y'});
    opaque("bar");
    Files.setLastModifiedTime(layer.resolve("bar"), FileTime.fromMillis(9000));

    new LayerSettler(kernel).settle(layer, List.of(below, middle));

    assertThat(layer.resolve("bar")).isEmptyDirectory();
  }

  @Test
  void whatChangesNothingIsLeftOut() throws IOException {
    Files.createDirectories(below.resolve("etc/same"));
    Files.createDirectories(below.resolve("etc/touched"));
    Files.createDirectories(layer.resolve("etc/same"));
    Files.createDirectories(layer.resolve("etc/touched"));
    for (Path tree : List.of(below, layer)) {
      Files.setLastModifiedTime(tree.resolve("etc/same"), FileTime.fromMillis(1000));
    }
    Files.setLastModifiedTime(below.resolve("etc/touched"), FileTime.fromMillis(1000));
    Files.setLastModifiedTime(layer.resolve("etc/touched"), FileTime.fromMillis(2000));
    kernel.makeNode(layer.resolve("etc/never-was"), FileAttributes.Type.CHARACTER_DEVICE, 0, 0, 0);
    Files.setLastModifiedTime(layer.resolve("etc"), FileTime.fromMillis(3000));

    new LayerSettler(kernel).settle(layer, List.of(below));

    assertThat(layer.resolve("etc")).isDirectoryContaining("glob:**touched");
    assertThat(layer.resolve("etc/same")).doesNotExist();
    assertThat(layer.resolve("etc/never-was")).doesNotExist();
    assertThat(Files.getLastModifiedTime(layer.resolve("etc")))
        .isEqualTo(FileTime.fromMillis(3000));
  }

  private void opaque(String name) throws IOException {
    Path directory = Files.createDirectories(layer.resolve(name));
    kernel.setExtendedAttribute(directory, LayerTree.OPAQUE, new byte[] {'y'});
  }

  private boolean isOpaque(String name) {
    return kernel.extendedAttribute(layer.resolve(name), LayerTree.OPAQUE).isPresent();
  }

  private boolean isWhiteout(String name) {
    Path path = layer.resolve(name);
    return Files.exists(path, LinkOption.NOFOLLOW_LINKS)
        && kernel.attributes(path).isOverlayWhiteout();
  }
}
