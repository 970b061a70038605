package dev.slipway.workernative.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.failure.AlreadyExists;
import dev.slipway.failure.NotFound;
import dev.slipway.failure.WrongState;
import dev.slipway.kernel.FileAttributes;
import dev.slipway.kernel.Kernel;
import dev.slipway.kernel.Kernel.LastLink;
import dev.slipway.snapshot.Mount;
import dev.slipway.workernative.mount.MountTable;
import dev.slipway.workernative.testing.TestMachine;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LinuxKernelIT {
  @TempDir Path folder;

  @SuppressWarnings("NullAway.Init")
  private TestMachine machine;

  private Kernel kernel = new LinuxKernel();

  @BeforeEach
  void open() {
    machine = new TestMachine(folder);
    kernel = machine.kernel();
  }

  @AfterEach
  void close() {
    machine.close();
  }

  @Test
  void readsWhatItHasSet() throws IOException {
    Path file = Files.writeString(folder.resolve("f"), "text");

    kernel.setOwner(file, 1234, 4_000_000);
    kernel.setMode(file, 06751);
    kernel.setModifiedTime(file, -1_500_000_000L);
    kernel.setExtendedAttribute(file, "user.small", "value".getBytes(StandardCharsets.UTF_8));
    kernel.setExtendedAttribute(file, "trusted.big", new byte[3000]);

    FileAttributes attributes = kernel.attributes(file);
    assertThat(attributes.type()).isEqualTo(FileAttributes.Type.FILE);
    assertThat(attributes.mode()).isEqualTo(06751);
    assertThat(attributes.uid()).isEqualTo(1234);
    assertThat(attributes.gid()).isEqualTo(4_000_000);
    assertThat(attributes.bytes()).isEqualTo(4);
    assertThat(attributes.modifiedNanos()).isEqualTo(-1_500_000_000L);
    assertThat(attributes.links()).isEqualTo(1);
    assertThat(kernel.extendedAttributes(file)).containsOnlyKeys("user.small", "trusted.big");
    assertThat(kernel.extendedAttribute(file, "trusted.big"))
        .hasValueSatisfying(value -> assertThat(value).hasSize(3000));
    kernel.removeExtendedAttribute(file, "user.small");
    kernel.removeExtendedAttribute(file, "user.small");
    assertThat(kernel.extendedAttribute(file, "user.small")).isEmpty();
  }

  @Test
  void worksOnLinksThemselves() throws IOException {
    Path target = Files.writeString(folder.resolve("target"), "");
    Path link = Files.createSymbolicLink(folder.resolve("link"), target);
    FileAttributes before = kernel.attributes(target);

    kernel.setOwner(link, 5, 6);
    kernel.setMode(link, 0);
    kernel.setModifiedTime(link, 7);
    kernel.makeHardLink(folder.resolve("second"), link);

    assertThat(kernel.attributes(link).uid()).isEqualTo(5);
    assertThat(kernel.attributes(link).modifiedNanos()).isEqualTo(7);
    assertThat(kernel.attributes(folder.resolve("second")).isSymlink()).isTrue();
    assertThat(kernel.attributes(target)).isEqualTo(before);
  }

  @Test
  void givesFilesToTheDiskBeforeTheyAreFlushed() throws IOException {
    Path file = Files.write(folder.resolve("f"), new byte[10_000]);
    Path link = Files.createSymbolicLink(folder.resolve("link"), file);

    assertThatCode(() -> kernel.startWriteback(file, 4096, 4096)).doesNotThrowAnyException();
    assertThatThrownBy(() -> kernel.startWriteback(link, 0, 1)).hasMessageContaining("link");
    assertThatThrownBy(() -> kernel.startWriteback(folder.resolve("absent"), 0, 1))
        .isInstanceOf(NotFound.class);
    assertThatThrownBy(() -> kernel.startWriteback(file, -1, 1))
        .hasMessageContaining("sync_file_range");
  }

  @Test
  void makesNodesWithoutRegardToTheUmask() {
    kernel.makeNode(folder.resolve("null"), FileAttributes.Type.CHARACTER_DEVICE, 0666, 1, 3);
    kernel.makeNode(folder.resolve("big"), FileAttributes.Type.BLOCK_DEVICE, 0640, 259, 70000);
    kernel.makeNode(folder.resolve("pipe"), FileAttributes.Type.NAMED_PIPE, 0777, 0, 0);
    kernel.makeNode(folder.resolve("whiteout"), FileAttributes.Type.CHARACTER_DEVICE, 0, 0, 0);

    assertThat(kernel.attributes(folder.resolve("null")).mode()).isEqualTo(0666);
    assertThat(kernel.attributes(folder.resolve("null")).rdevMinor()).isEqualTo(3);
    assertThat(kernel.attributes(folder.resolve("big")).rdevMajor()).isEqualTo(259);
    assertThat(kernel.attributes(folder.resolve("big")).rdevMinor()).isEqualTo(70000);
    assertThat(kernel.attributes(folder.resolve("pipe")).type())
        .isEqualTo(FileAttributes.Type.NAMED_PIPE);
    assertThat(kernel.attributes(folder.resolve("whiteout")).isOverlayWhiteout()).isTrue();
  }

  @Test
  void handlesNamesThatAreNoText() throws Exception {
    new ProcessBuilder("sh", "-c", "printf x > \"$(printf 'caf\\351')\"")
        .directory(folder.toFile())
        .start()
        .waitFor();
    Path file;
    try (var files = Files.newDirectoryStream(folder, path -> !path.endsWith("mounts"))) {
      file = files.iterator().next();
    }

    kernel.setOwner(file, 9, 9);

    assertThat(kernel.attributes(file).uid()).isEqualTo(9);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4096, 32767, 32768, 32769, 3_000_000})
  void copiesContentsOfEverySize(int bytes) throws IOException {
    byte[] content = new byte[bytes];
    new Random(bytes).nextBytes(content);
    Path from = Files.write(folder.resolve("from"), content);
    Path to = Files.writeString(folder.resolve("to"), "longer than nothing");

    kernel.copyContents(from, to);

    assertThat(Files.readAllBytes(to)).isEqualTo(content);
  }

  @Test
  void keepsHolesWhenCopying() throws IOException {
    Path from = folder.resolve("from");
    try (RandomAccessFile file = new RandomAccessFile(from.toFile(), "rw")) {
      file.setLength(64 << 20);
      file.seek(32 << 20);
      file.write(1);
    }

    kernel.copyContents(from, folder.resolve("to"));

    FileAttributes copied = kernel.attributes(folder.resolve("to"));
    assertThat(copied.bytes()).isEqualTo(64 << 20);
    assertThat(copied.blocks512() * 512).isLessThan(1 << 20);
    assertThat(Files.mismatch(from, folder.resolve("to"))).isEqualTo(-1);
  }

  @Test
  void neverCopiesThroughALink() throws IOException {
    Path from = Files.writeString(folder.resolve("from"), "new");
    Path victim = Files.writeString(folder.resolve("victim"), "old");
    Path link = Files.createSymbolicLink(folder.resolve("link"), victim);

    assertThatThrownBy(() -> kernel.copyContents(from, link)).isInstanceOf(WrongState.class);

    assertThat(victim).hasContent("old");
  }

  @Test
  void saysWhichCallFailedOnWhat() throws IOException {
    Files.writeString(folder.resolve("f"), "");

    assertThatThrownBy(() -> kernel.attributes(folder.resolve("nosuch")))
        .isInstanceOf(NotFound.class)
        .hasMessage("lstat " + folder.resolve("nosuch") + ": no such file or directory");
    assertThatThrownBy(
            () -> kernel.makeNode(folder.resolve("f"), FileAttributes.Type.NAMED_PIPE, 0, 0, 0))
        .isInstanceOf(AlreadyExists.class)
        .hasMessageContaining("file exists");
    assertThatThrownBy(() -> kernel.attributes(folder.resolve("f/below")))
        .isInstanceOf(WrongState.class)
        .hasMessageContaining("not a directory");
  }

  @Test
  void mountsOverlaysBindsAndTmpfs() throws IOException {
    Path lower = Files.createDirectory(folder.resolve("lower"));
    Path upper = Files.createDirectory(folder.resolve("upper"));
    Path work = Files.createDirectory(folder.resolve("work"));
    Path point = Files.createDirectory(folder.resolve("mounts/point"));
    Files.writeString(lower.resolve("f"), "text");

    kernel.mount(
        new Mount.Overlay(List.of(lower), Optional.of(new Mount.Upper(upper, work))), point);
    Files.writeString(point.resolve("f"), "changed");
    kernel.unmount(point);
    assertThat(upper.resolve("f")).hasContent("changed");
    assertThat(lower.resolve("f")).hasContent("text");

    kernel.mount(new Mount.Bind(lower, true), point);
    assertThatThrownBy(() -> Files.writeString(point.resolve("g"), ""))
        .hasMessageContaining("Read-only");
    kernel.unmount(point);

    kernel.mount(new Mount.Tmpfs(1 << 20, 0710, false), point);
    assertThat(kernel.attributes(point).mode()).isEqualTo(0710);
    assertThat(kernel.space(point).totalBytes()).isEqualTo(1 << 20);
    kernel.unmount(point);
    kernel.unmount(point);

    Files.delete(point);
  }

  @Test
  void mountsLayersWithLongAndStrangePaths() throws IOException {
    Path strange =
        Files.createDirectories(
            folder.resolve("a,b:c\\d/" + "x".repeat(200) + "/" + "y".repeat(200)));
    Path other = Files.createDirectory(folder.resolve("other"));
    Files.writeString(strange.resolve("f"), "text");
    Path point = Files.createDirectory(folder.resolve("mounts/point"));

    kernel.mount(new Mount.Overlay(List.of(strange, other), Optional.empty()), point);

    assertThat(point.resolve("f")).hasContent("text");
    kernel.unmount(point);
    Files.delete(point);
  }

  @Test
  void leavesNothingMountedAfterAFailure() throws IOException {
    Path point = Files.createDirectory(folder.resolve("mounts/point"));

    assertThatThrownBy(
            () ->
                kernel.mount(
                    new Mount.Overlay(List.of(folder.resolve("nosuch"), folder), Optional.empty()),
                    point))
        .isInstanceOf(NotFound.class);

    assertThat(MountTable.below(point)).isEmpty();
    Files.delete(point);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "link/f",
        "/link/f",
        "a/../link/f",
        "absolute/f",
        "loopback/../link/f",
        "../../link/f",
        "up/link/f"
      })
  void resolvesLinksInsideTheRoot(String path) throws IOException {
    Path root = tree();

    assertThat(kernel.resolveInRoot(root, path, LastLink.FOLLOW)).isEqualTo(root.resolve("real/f"));
  }

  @Test
  void resolvesMissingPathsAsFarAsTheyAreThere() throws IOException {
    Path root = tree();

    assertThat(kernel.resolveInRoot(root, "/link/new/file", LastLink.FOLLOW))
        .isEqualTo(root.resolve("real/new/file"));
    assertThat(kernel.resolveInRoot(root, "dangling", LastLink.FOLLOW))
        .isEqualTo(root.resolve("nowhere/x"));
    assertThat(kernel.resolveInRoot(root, "dangling", LastLink.KEEP))
        .isEqualTo(root.resolve("dangling"));
    assertThat(kernel.resolveInRoot(root, "/", LastLink.FOLLOW)).isEqualTo(root);
    assertThatThrownBy(() -> kernel.resolveInRoot(root, "circle", LastLink.FOLLOW))
        .hasMessageContaining("too many links");
  }

  @Test
  void mountsWhatAPathMeansInsideATree() throws IOException {
    Path root = tree();
    Path point = Files.createDirectory(folder.resolve("mounts/point"));

    kernel.mountInside(root, "/absolute", true, point);

    assertThat(point.resolve("f")).hasContent("inside");
    assertThatThrownBy(() -> Files.writeString(point.resolve("f"), ""))
        .hasMessageContaining("Read-only");
    kernel.unmount(point);
    assertThatThrownBy(() -> kernel.mountInside(root, "/nosuch", true, point))
        .isInstanceOf(NotFound.class);
    Files.delete(point);
  }

  private Path tree() throws IOException {
    Path root = Files.createDirectories(folder.resolve("root/real")).getParent();
    Files.writeString(root.resolve("real/f"), "inside");
    Files.createDirectory(root.resolve("a"));
    Files.createSymbolicLink(root.resolve("link"), Path.of("real"));
    Files.createSymbolicLink(root.resolve("absolute"), Path.of("/real"));
    Files.createSymbolicLink(root.resolve("up"), Path.of("../../../.."));
    Files.createSymbolicLink(root.resolve("dangling"), Path.of("/nowhere/x"));
    Files.createSymbolicLink(root.resolve("circle"), Path.of("circle"));
    return root;
  }
}
