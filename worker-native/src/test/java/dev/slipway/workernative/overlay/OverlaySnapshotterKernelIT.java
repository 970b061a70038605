package dev.slipway.workernative.overlay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.kernel.FileAttributes;
import dev.slipway.snapshot.Mounter;
import dev.slipway.snapshot.Mounter.MountedTree;
import dev.slipway.snapshot.SnapshotKind;
import dev.slipway.snapshot.SnapshotName;
import dev.slipway.snapshot.Snapshotter;
import dev.slipway.snapshot.testing.SnapshotterContract;
import dev.slipway.workernative.testing.TestMachine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OverlaySnapshotterKernelIT extends SnapshotterContract {
  private Optional<TestMachine> opened = Optional.empty();

  private TestMachine machine() {
    if (opened.isEmpty()) {
      opened = Optional.of(new TestMachine(folder));
    }
    return opened.get();
  }

  @Override
  protected Snapshotter open(Path root) {
    return OverlaySnapshotter.open(machine().kernel(), root);
  }

  @Override
  protected Mounter mounter() {
    return machine().mounter();
  }

  @AfterEach
  void checkMounts() {
    opened.ifPresent(TestMachine::close);
  }

  @Test
  void layersHoldDeletionsInOverlayStyle() throws IOException {
    layer("base", List.of(), "f", "base");
    snapshotter().prepare(name("a"), names("base"));
    try (MountedTree tree = mounter().mount(snapshotter().mounts(name("a")))) {
      Files.delete(tree.root().resolve("f"));
    }

    FileAttributes left =
        machine().kernel().attributes(snapshotter().layerDirectory(name("a")).resolve("f"));
    assertThat(left.isOverlayWhiteout()).isTrue();
  }

  @Test
  void theRootKeepsItsOwnerAndModeAcrossLayers() {
    snapshotter().prepare(name("a"), List.of());
    Path layer = snapshotter().layerDirectory(name("a"));
    machine().kernel().setOwner(layer, 7, 8);
    machine().kernel().setMode(layer, 01777);
    snapshotter().commit(name("a"), name("base"), List.of());
    snapshotter().prepare(name("b"), names("base"));

    try (MountedTree tree = mounter().mount(snapshotter().mounts(name("b")))) {
      FileAttributes root = machine().kernel().attributes(tree.root());
      assertThat(root.uid()).isEqualTo(7);
      assertThat(root.gid()).isEqualTo(8);
      assertThat(root.mode()).isEqualTo(01777);
    }
  }

  @Test
  void halfMadeSnapshotsAreSweptAtTheNextStart() throws IOException {
    Path root = folder.resolve("snapshots");
    layer("whole", List.of(), "f", "text");
    Files.createDirectories(root.resolve("without-record/fs"));
    Files.createDirectories(root.resolve("torn/fs"));
    Files.writeString(root.resolve("torn/record"), "committed torn\n");
    Files.createDirectories(root.resolve("removed-7/fs/d"));

    reopen();

    assertThat(snapshotter().list())
        .extracting(Snapshotter.Info::name)
        .containsExactly(name("whole"));
    assertThat(Files.list(root).map(path -> path.getFileName().toString()))
        .containsExactlyInAnyOrder("whole", "durable");
  }

  @Test
  void aCommitCutOffBeforeItsRenameIsStillActive() throws IOException {
    snapshotter().prepare(name("a"), List.of());
    Files.writeString(folder.resolve("snapshots/a/record"), "committed b\nend\n");

    reopen();

    assertThat(snapshotter().find(name("a")))
        .hasValueSatisfying(info -> assertThat(info.kind()).isEqualTo(SnapshotKind.ACTIVE));
    assertThat(snapshotter().find(name("b"))).isEmpty();
  }

  @Test
  void afterAnotherBootOnlyWhatIsKnownToBeOnDiskIsTrusted() throws IOException {
    layer("flushed", List.of(), "f", "text");
    layer("lost", List.of(), "f", "text");
    layer("onLost", List.of("lost"), "f", "text");
    snapshotter().close();
    Files.writeString(folder.resolve("snapshots/durable"), "another-boot\nflushed\nonLost\n");

    open();

    assertThat(snapshotter().list())
        .extracting(Snapshotter.Info::name)
        .containsExactly(new SnapshotName("flushed"));
  }
}
