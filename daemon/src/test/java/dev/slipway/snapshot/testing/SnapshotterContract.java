package dev.slipway.snapshot.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.failure.AlreadyExists;
import dev.slipway.failure.NotFound;
import dev.slipway.failure.WrongState;
import dev.slipway.snapshot.Mounter;
import dev.slipway.snapshot.Mounter.MountedTree;
import dev.slipway.snapshot.SnapshotKind;
import dev.slipway.snapshot.SnapshotName;
import dev.slipway.snapshot.Snapshotter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The behaviour of a [Snapshotter], whatever holds its trees.
public abstract class SnapshotterContract {
  @TempDir protected Path folder;

  @SuppressWarnings("NullAway.Init")
  private Snapshotter snapshotter;

  /// Opens it on that directory, again after a close or a crash.
  protected abstract Snapshotter open(Path root);

  protected abstract Mounter mounter();

  /// The snapshotter under test, opened on `folder/snapshots`.
  protected final Snapshotter snapshotter() {
    return snapshotter;
  }

  @BeforeEach
  protected void open() {
    snapshotter = open(folder.resolve("snapshots"));
  }

  @AfterEach
  protected void close() {
    snapshotter.retainOnly(List.of());
    snapshotter.close();
  }

  /// What a restart does; nothing is told to the old one.
  protected final void reopen() {
    snapshotter.close();
    open();
  }

  @Test
  protected void aSnapshotWithoutParentsStartsEmpty() throws IOException {
    snapshotter.prepare(name("a"), List.of());

    try (MountedTree tree = mounter().mount(snapshotter.mounts(name("a")))) {
      assertThat(Files.list(tree.root())).isEmpty();
    }
  }

  @Test
  protected void aPreparedSnapshotShowsItsParents() {
    layer("base", List.of(), "f", "base");
    layer("top", List.of("base"), "g", "top");
    snapshotter.prepare(name("a"), names("base", "top"));

    assertThat(read(name("a"), "f")).isEqualTo("base");
    assertThat(read(name("a"), "g")).isEqualTo("top");
  }

  @Test
  protected void changesDoNotReachTheParents() {
    layer("base", List.of(), "f", "base");
    layer("top", List.of("base"), "f", "changed");

    assertThat(read(name("base"), "f")).isEqualTo("base");
    assertThat(read(name("top"), "f")).isEqualTo("changed");
  }

  @Test
  protected void whatIsDeletedStaysDeletedOnTop() throws IOException {
    layer("base", List.of(), "d/f", "base");
    snapshotter.prepare(name("a"), names("base"));
    try (MountedTree tree = mounter().mount(snapshotter.mounts(name("a")))) {
      Files.delete(tree.root().resolve("d/f"));
      Files.delete(tree.root().resolve("d"));
      Files.createDirectory(tree.root().resolve("d"));
    }
    snapshotter.commit(name("a"), name("top"), names("base"));

    try (MountedTree tree = mounter().mount(snapshotter.mounts(name("top")))) {
      assertThat(Files.list(tree.root().resolve("d"))).isEmpty();
    }
    assertThat(read(name("base"), "d/f")).isEqualTo("base");
  }

  @Test
  protected void layersWrittenInAnyOrderStackAfterwards() {
    snapshotter.prepare(name("two"), List.of());
    write(name("two"), "f", "two");
    snapshotter.prepare(name("one"), List.of());
    write(name("one"), "f", "one");
    write(name("one"), "g", "one");
    snapshotter.commit(name("one"), name("base"), List.of());
    snapshotter.commit(name("two"), name("top"), names("base"));

    assertThat(read(name("top"), "f")).isEqualTo("two");
    assertThat(read(name("top"), "g")).isEqualTo("one");
  }

  @Test
  protected void aStackThatIsNoSnapshotCanBeMounted() throws IOException {
    layer("a", List.of(), "a", "a");
    layer("b", List.of(), "b", "b");

    try (MountedTree tree = mounter().mount(snapshotter.mountsOf(names("a", "b")))) {
      assertThat(tree.root().resolve("a")).hasContent("a");
      assertThat(tree.root().resolve("b")).hasContent("b");
    }
  }

  @Test
  protected void aStackOfThreeHundredLayersWorks() {
    List<String> stack = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      layer("layer" + i, List.copyOf(stack), "f" + i, "text" + i);
      stack.add("layer" + i);
    }

    assertThat(read(name("layer299"), "f0")).isEqualTo("text0");
    assertThat(read(name("layer299"), "f299")).isEqualTo("text299");
  }

  @Test
  protected void aMountedActiveSnapshotCanBeMountedAgain() {
    layer("base", List.of(), "f", "base");
    snapshotter.prepare(name("a"), names("base"));
    write(name("a"), "g", "once");
    write(name("a"), "g", "twice");

    assertThat(read(name("a"), "g")).isEqualTo("twice");
  }

  @Test
  protected void namesAreTakenOnce() {
    layer("a", List.of(), "f", "text");
    snapshotter.prepare(name("b"), List.of());

    assertThatThrownBy(() -> snapshotter.prepare(name("a"), List.of()))
        .isInstanceOf(AlreadyExists.class);
    assertThatThrownBy(() -> snapshotter.commit(name("b"), name("a"), List.of()))
        .isInstanceOf(AlreadyExists.class);
    assertThat(snapshotter.find(name("b")))
        .hasValueSatisfying(info -> assertThat(info.kind()).isEqualTo(SnapshotKind.ACTIVE));
  }

  @Test
  protected void parentsMustBeCommitted() {
    snapshotter.prepare(name("active"), List.of());

    assertThatThrownBy(() -> snapshotter.prepare(name("b"), names("active")))
        .isInstanceOf(NotFound.class);
    assertThatThrownBy(() -> snapshotter.prepare(name("b"), names("nosuch")))
        .isInstanceOf(NotFound.class);
    assertThatThrownBy(() -> snapshotter.commit(name("active"), name("c"), names("nosuch")))
        .isInstanceOf(NotFound.class);
    assertThatThrownBy(() -> snapshotter.commit(name("nosuch"), name("c"), List.of()))
        .isInstanceOf(NotFound.class);
  }

  @Test
  protected void onlyActiveSnapshotsCanBeCommitted() {
    layer("a", List.of(), "f", "text");

    assertThatThrownBy(() -> snapshotter.commit(name("a"), name("b"), List.of()))
        .isInstanceOf(WrongState.class);
  }

  @Test
  protected void whatOthersStandOnCannotBeRemoved() {
    layer("base", List.of(), "f", "base");
    layer("top", List.of("base"), "g", "top");

    assertThatThrownBy(() -> snapshotter.remove(name("base"))).isInstanceOf(WrongState.class);
    snapshotter.remove(name("top"));
    snapshotter.remove(name("base"));
    snapshotter.remove(name("base"));

    assertThat(snapshotter.list()).isEmpty();
  }

  @Test
  protected void committedSnapshotsAreThereAfterARestart() {
    layer("base", List.of(), "f", "base");
    layer("top", List.of("base"), "g", "top");
    snapshotter.prepare(name("active"), names("base", "top"));
    write(name("active"), "h", "active");

    reopen();

    assertThat(snapshotter.find(name("top")))
        .hasValue(new Snapshotter.Info(name("top"), SnapshotKind.COMMITTED, names("base")));
    assertThat(snapshotter.find(name("active")))
        .hasValue(new Snapshotter.Info(name("active"), SnapshotKind.ACTIVE, names("base", "top")));
    assertThat(read(name("top"), "f")).isEqualTo("base");
    assertThat(read(name("active"), "h")).isEqualTo("active");
  }

  @Test
  protected void onlyWhatIsNamedAndWhatItStandsOnIsRetained() {
    layer("base", List.of(), "f", "base");
    layer("kept", List.of("base"), "g", "kept");
    layer("gone", List.of("base"), "g", "gone");
    layer("goneToo", List.of("base", "gone"), "g", "gone");
    snapshotter.prepare(name("active"), names("base"));

    snapshotter.retainOnly(names("kept"));

    assertThat(snapshotter.list())
        .extracting(Snapshotter.Info::name)
        .containsExactlyInAnyOrder(name("base"), name("kept"));
  }

  @Test
  protected void usageCountsItsOwnLayerOnly() {
    layer("base", List.of(), "big", "x".repeat(1 << 20));
    layer("top", List.of("base"), "small", "x");

    assertThat(snapshotter.usage(name("base")).bytes()).isBetween(1L << 20, 2L << 20);
    assertThat(snapshotter.usage(name("top")).bytes()).isBetween(1L, 1L << 16);
    assertThat(snapshotter.usage(name("top")).entries()).isEqualTo(1);
  }

  /// Makes a committed snapshot with one file.
  protected final void layer(String name, List<String> parents, String file, String text) {
    List<SnapshotName> on = parents.stream().map(SnapshotName::new).toList();
    snapshotter.prepare(name("making"), on);
    write(name("making"), file, text);
    snapshotter.commit(name("making"), name(name), on);
  }

  protected final void write(SnapshotName active, String file, String text) {
    try (MountedTree tree = mounter().mount(snapshotter.mounts(active))) {
      Files.createDirectories(tree.root().resolve(file).getParent());
      Files.writeString(tree.root().resolve(file), text);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  protected final String read(SnapshotName snapshot, String file) {
    try (MountedTree tree = mounter().mount(snapshotter.mounts(snapshot))) {
      return Files.readString(tree.root().resolve(file));
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  protected static SnapshotName name(String name) {
    return new SnapshotName(name);
  }

  protected static List<SnapshotName> names(String... names) {
    return List.of(names).stream().map(SnapshotName::new).toList();
  }
}
