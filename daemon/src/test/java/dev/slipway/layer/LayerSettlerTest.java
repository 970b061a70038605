package dev.slipway.layer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.kernel.FileAttributes;
import dev.slipway.layer.testing.UnprivilegedKernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
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

    new LayerSettler(kernel).settle(layer, List.of(below));

    assertThat(isOpaque("fresh")).isFalse();
    assertThat(layer.resolve("fresh")).isEmptyDirectory();
  }

  @Test
  void whatWasHiddenOrDeletedBelowAlreadyStaysOut() throws IOException {
    Path middle = Files.createDirectories(folder.resolve("middle"));
    Files.createDirectories(below.resolve("bar"));
    Files.writeString(below.resolve("bar/gone"), "");
    Files.createDirectories(middle.resolve("bar"));
    kernel.setExtendedAttribute(middle.resolve("bar"), LayerTree.OPAQUE, new byte[] {'y'});
    opaque("bar");
    Files.writeString(layer.resolve("bar/new"), "");

    new LayerSettler(kernel).settle(layer, List.of(below, middle));

    assertThat(isOpaque("bar")).isFalse();
    assertThat(layer.resolve("bar/gone")).doesNotExist();
  }

  @Test
  void whatChangesNothingIsLeftOut() throws IOException {
    for (Path tree : List.of(below, layer)) {
      Files.createDirectories(tree.resolve("etc/copied-up"));
      Files.setLastModifiedTime(tree.resolve("etc/copied-up"), FileTime.fromMillis(1000));
    }
    Files.writeString(layer.resolve("etc/new"), "");
    kernel.makeNode(layer.resolve("etc/never-was"), FileAttributes.Type.CHARACTER_DEVICE, 0, 0, 0);
    Files.setLastModifiedTime(layer.resolve("etc"), FileTime.fromMillis(3000));

    new LayerSettler(kernel).settle(layer, List.of(below));

    assertThat(layer.resolve("etc/copied-up")).doesNotExist();
    assertThat(layer.resolve("etc/never-was")).doesNotExist();
    assertThat(layer.resolve("etc/new")).exists();
    assertThat(Files.getLastModifiedTime(layer.resolve("etc")))
        .isEqualTo(FileTime.fromMillis(3000));
  }

  @Test
  void aFileThatWasMovedAwayAndBackIsLeftOut() throws IOException {
    write(below.resolve("dir/moved"), "text", FileTime.from(Instant.ofEpochSecond(5, 7)));
    write(layer.resolve("dir/moved"), "text", FileTime.from(Instant.ofEpochSecond(5, 7)));
    Files.setLastModifiedTime(below.resolve("dir"), FileTime.fromMillis(1000));
    Files.setLastModifiedTime(layer.resolve("dir"), FileTime.fromMillis(2000));
    LayerSettler settler = new LayerSettler(kernel);

    settler.settle(layer, List.of(below));

    assertThat(layer.resolve("dir")).isEmptyDirectory();
    assertThat(Files.getLastModifiedTime(layer.resolve("dir")))
        .isEqualTo(FileTime.fromMillis(2000));
    assertThat(settler.hasIdleDirectories(layer, List.of(below))).isTrue();
  }

  @Test
  void aDirectoryThatChangesOrIsNewIsNotIdle() throws IOException {
    Files.createDirectories(below.resolve("mode"));
    Files.createDirectories(below.resolve("parent"));
    kernel.setMode(Files.createDirectories(layer.resolve("mode")), 0700);
    Files.createDirectories(layer.resolve("parent/new"));

    assertThat(new LayerSettler(kernel).hasIdleDirectories(layer, List.of(below))).isFalse();
  }

  @Test
  void contentsDecideWhereTimesWereCutToSeconds() throws IOException {
    FileTime cut = FileTime.from(Instant.ofEpochSecond(5));
    write(below.resolve("same"), "text", cut);
    write(layer.resolve("same"), "text", cut);
    write(below.resolve("other"), "text", cut);
    write(layer.resolve("other"), "TEXT", cut);

    new LayerSettler(kernel).settle(layer, List.of(below));

    assertThat(layer.resolve("same")).doesNotExist();
    assertThat(layer.resolve("other")).exists();
  }

  @Test
  void aFileWhoseTimeWasSetBackKeepsItsNewContents() throws IOException {
    FileTime time = FileTime.from(Instant.ofEpochSecond(5, 7));
    write(below.resolve("file"), "text", time);
    write(layer.resolve("file"), "TEXT", time);

    new LayerSettler(kernel).settle(layer, List.of(below));

    assertThat(layer.resolve("file")).hasContent("TEXT");
  }

  @Test
  void anUnchangedFileStaysWhereItMayHaveANewName() throws IOException {
    FileTime time = FileTime.from(Instant.ofEpochSecond(5, 7));
    write(below.resolve("old"), "text", time);
    write(layer.resolve("old"), "text", time);
    Files.createLink(layer.resolve("new"), layer.resolve("old"));

    new LayerSettler(kernel).settle(layer, List.of(below));

    assertThat(layer.resolve("old")).exists();
  }

  @Test
  void whatAnOpaqueDirectoryHasAgainUnchangedIsNotDeleted() throws IOException {
    FileTime time = FileTime.from(Instant.ofEpochSecond(5, 7));
    write(below.resolve("bar/file"), "text", time);
    Files.createDirectories(below.resolve("bar/sub"));
    opaque("bar");
    write(layer.resolve("bar/file"), "text", time);
    Files.createDirectories(layer.resolve("bar/sub"));
    for (Path tree : List.of(below, layer)) {
      Files.setLastModifiedTime(tree.resolve("bar/sub"), FileTime.fromMillis(1000));
      Files.setLastModifiedTime(tree.resolve("bar"), FileTime.fromMillis(1000));
    }

    new LayerSettler(kernel).settle(layer, List.of(below));

    assertThat(layer).isEmptyDirectory();
  }

  private static void write(Path file, String text, FileTime time) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    Files.setLastModifiedTime(file, time);
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
