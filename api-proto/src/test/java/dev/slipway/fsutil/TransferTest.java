package dev.slipway.fsutil;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.fsutil.DirectoryTarget.Existing;
import dev.slipway.fsutil.testing.MemoryTree;
import dev.slipway.fsutil.testing.PacketPipe;
import dev.slipway.task.TaskScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TransferTest {
  @TempDir private Path folder;

  private final Random random = new Random(7);

  @Test
  void aTreeArrivesAsItWasSent() throws IOException {
    Path source = Files.createDirectory(folder.resolve("source"));
    Files.createDirectories(source.resolve("a/b"));
    byte[] big = bytes(100_000);
    Files.write(source.resolve("a/b/big"), big);
    Files.write(source.resolve("a/exact"), bytes(2 * 32 * 1024));
    Files.write(source.resolve("a-file"), bytes(10));
    Files.write(source.resolve("empty"), new byte[0]);
    Files.createLink(source.resolve("z-link"), source.resolve("a/b/big"));
    Files.createSymbolicLink(source.resolve("sym"), Path.of("a/b/../nowhere"));
    Files.setAttribute(source.resolve("a-file"), "unix:mode", 04751);
    Files.setAttribute(source.resolve("a"), "unix:mode", 0700);
    Files.setLastModifiedTime(
        source.resolve("a"), FileTime.from(1_600_000_000_123_456_789L, TimeUnit.NANOSECONDS));
    Path target = Files.createDirectory(folder.resolve("target"));

    transfer(tree(source), new DirectoryTarget(target, Existing.KEEP));

    assertThat(stats(target)).isEqualTo(stats(source));
    assertThat(target.resolve("a/b/big")).hasBinaryContent(big);
    assertThat(Files.isSameFile(target.resolve("z-link"), target.resolve("a/b/big"))).isTrue();
  }

  @Test
  void moreFilesThanMayBeUnderWayAtOnceArriveThroughANarrowPipe() throws IOException {
    MemoryTree tree = new MemoryTree();
    for (int i = 0; i < 1_000; i++) {
      tree.file("f%04d".formatted(i), bytes(i % 3 * 40_000));
    }
    Path target = Files.createDirectory(folder.resolve("target"));

    PacketPipe pipe = new PacketPipe(2);
    transfer(tree, new DirectoryTarget(target, Existing.KEEP), pipe);

    try (var files = Files.list(target)) {
      assertThat(files).hasSize(1_000);
    }
    assertThat(target.resolve("f0002")).hasSize(80_000);
  }

  @Test
  void aFileThatCannotBeReadArrivesEmpty() throws IOException {
    Path target = Files.createDirectory(folder.resolve("target"));

    transfer(
        new MemoryTree().unreadable("secret").file("x", bytes(3)),
        new DirectoryTarget(target, Existing.KEEP));

    assertThat(target.resolve("secret")).isEmptyFile();
    assertThat(target.resolve("x")).hasSize(3);
  }

  @Test
  void linksInTheWayAreReplacedAndNeverFollowed() throws IOException {
    Path outside = Files.createDirectory(folder.resolve("outside"));
    Files.writeString(outside.resolve("keep"), "mine");
    Path target = Files.createDirectory(folder.resolve("target"));
    Files.createSymbolicLink(target.resolve("d"), outside);
    Files.createSymbolicLink(target.resolve("f"), outside.resolve("keep"));

    transfer(
        new MemoryTree().directory("d").file("d/keep", bytes(4)).file("f", bytes(5)),
        new DirectoryTarget(target, Existing.KEEP));

    assertThat(outside.resolve("keep")).hasContent("mine");
    assertThat(Files.isSymbolicLink(target.resolve("d"))).isFalse();
    assertThat(target.resolve("d/keep")).hasSize(4);
    assertThat(target.resolve("f")).hasSize(5);
  }

  @Test
  void whatIsNotAnnouncedStaysOrGoesAsTold() throws IOException {
    Path target = Files.createDirectory(folder.resolve("target"));
    Files.createDirectories(target.resolve("old/deep"));
    Files.writeString(target.resolve("old/deep/file"), "x");
    Files.createDirectory(target.resolve("d"));
    Files.writeString(target.resolve("d/stale"), "x");
    MemoryTree tree = new MemoryTree().directory("d").file("d/new", bytes(1));

    transfer(tree, new DirectoryTarget(target, Existing.KEEP));
    assertThat(target.resolve("old/deep/file")).exists();
    assertThat(target.resolve("d/stale")).exists();

    transfer(tree, new DirectoryTarget(target, Existing.REMOVE));
    assertThat(target.resolve("old")).doesNotExist();
    assertThat(target.resolve("d/stale")).doesNotExist();
    assertThat(target.resolve("d/new")).exists();
  }

  @Test
  void aFailingTargetIsToldToTheSender() {
    ReceiveTarget broken =
        new ReceiveTarget() {
          @Override
          public Wish entry(Stat stat) {
            throw new InvalidRequest("disk on fire");
          }

          @Override
          public Content content(Stat stat) {
            throw new IllegalStateException("never asked for");
          }

          @Override
          public void announced() {}

          @Override
          public void complete() {}
        };
    PacketPipe pipe = new PacketPipe(100);
    List<BuildFailure> seenBySender = new ArrayList<>();

    try (TaskScope scope = TaskScope.open("test")) {
      var sending =
          scope.forkAction(
              () -> {
                try {
                  new FsSender(pipe.left(), new MemoryTree().file("x", bytes(1))).send();
                } catch (BuildFailure failure) {
                  seenBySender.add(failure);
                }
              });
      assertThatThrownBy(
              () -> new FsReceiver(pipe.right(), broken, ReceiveLimits.DEFAULT).receive())
          .hasMessage("disk on fire");
      sending.result();
    }

    assertThat(seenBySender)
        .singleElement()
        .satisfies(f -> assertThat(f).hasMessage("error from receiver: disk on fire"));
  }

  @Test
  void theSecondNameOfAFileIsItsFirstWhenTheFirstIsLeftOut() throws IOException {
    Path source = Files.createDirectory(folder.resolve("source"));
    Files.write(source.resolve("a"), bytes(9));
    Files.createLink(source.resolve("b"), source.resolve("a"));
    Files.createLink(source.resolve("c"), source.resolve("a"));
    Path target = Files.createDirectory(folder.resolve("target"));
    DirectoryTree tree =
        DirectoryTree.open(
            source,
            TreeView.context(List.of(), List.of("a"), List.of()),
            ExtendedAttributes.none());

    transfer(tree, new DirectoryTarget(target, Existing.KEEP));

    assertThat(target.resolve("a")).doesNotExist();
    assertThat(target.resolve("b")).hasSize(9);
    assertThat(Files.isSameFile(target.resolve("b"), target.resolve("c"))).isTrue();
  }

  private void transfer(FileTree tree, ReceiveTarget target) {
    transfer(tree, target, new PacketPipe(64));
  }

  private void transfer(FileTree tree, ReceiveTarget target, PacketPipe pipe) {
    try (TaskScope scope = TaskScope.open("test")) {
      scope.forkAction(
          () -> {
            PacketPipe.End end = pipe.left();
            new FsSender(end, tree).send();
            end.end();
          });
      scope.forkAction(() -> new FsReceiver(pipe.right(), target, ReceiveLimits.DEFAULT).receive());
      scope.join();
    }
  }

  private static DirectoryTree tree(Path folder) {
    return DirectoryTree.open(folder, TreeView.ALL, ExtendedAttributes.ofUser());
  }

  private static List<Stat> stats(Path folder) throws IOException {
    List<Stat> stats = new ArrayList<>();
    Map<String, Object> owner =
        Files.readAttributes(folder, "unix:uid,gid", LinkOption.NOFOLLOW_LINKS);
    assertThat(owner).hasSize(2);
    tree(folder).walk(stats::add);
    return stats;
  }

  private byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }
}
