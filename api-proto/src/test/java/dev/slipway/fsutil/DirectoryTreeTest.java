package dev.slipway.fsutil;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.google.protobuf.ByteString;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.NotFound;
import dev.slipway.fsutil.SubTrees.SubTree;
import dev.slipway.fsutil.testing.MemoryTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DirectoryTreeTest {
  private static final List<String> NONE = List.of();

  @TempDir private Path folder;

  @Test
  void walksComponentByComponent() throws IOException {
    make("a/b", "a-c", "a.d", "ab", "a/z/y");

    assertThat(paths(NONE, NONE, NONE))
        .containsExactly("a", "a/b", "a/z", "a/z/y", "a-c", "a.d", "ab");
  }

  @Test
  void includesMatchesAndTheDirectoriesAboveThem() throws IOException {
    make("src/main/A.java", "src/test/B.java", "docs/x", "README");

    assertThat(paths(List.of("**/A.java"), NONE, NONE))
        .containsExactly("src", "src/main", "src/main/A.java");
    assertThat(paths(List.of("src/test", "README"), NONE, NONE))
        .containsExactly("README", "src", "src/test", "src/test/B.java");
  }

  @Test
  void excludesMatchesButForExceptions() throws IOException {
    make("node_modules/a/b", "keep/x", "keep/y", "z");

    assertThat(paths(NONE, List.of("node_modules", "keep/*", "!keep/y"), NONE))
        .containsExactly("keep", "keep/y", "z");
    assertThat(paths(NONE, List.of("*", "!keep/y"), NONE)).containsExactly("keep", "keep/y");
    assertThat(paths(List.of("keep"), List.of("**/x"), NONE)).containsExactly("keep", "keep/y");
  }

  @Test
  void followsLinksOfThePathsToFollow() throws IOException {
    make("real/target", "real/other", "sub/deep/file", "x");
    Files.createSymbolicLink(folder.resolve("link"), Path.of("real/target"));
    Files.createSymbolicLink(folder.resolve("dirlink"), Path.of("/sub/deep"));
    Files.createSymbolicLink(folder.resolve("loop"), Path.of("loop"));
    Files.createSymbolicLink(folder.resolve("out"), Path.of("../../../x"));

    assertThat(paths(NONE, NONE, List.of("link"))).containsExactly("link", "real", "real/target");
    assertThat(paths(NONE, NONE, List.of("dirlink/file")))
        .containsExactly("dirlink", "sub", "sub/deep", "sub/deep/file");
    assertThat(paths(NONE, NONE, List.of("loop"))).containsExactly("loop");
    assertThat(paths(NONE, NONE, List.of("out"))).containsExactly("out", "x");
    assertThat(paths(NONE, NONE, List.of("l*")))
        .containsExactly("link", "loop", "real", "real/target");
    assertThat(paths(NONE, NONE, List.of("nowhere"))).isEmpty();
    assertThat(paths(NONE, NONE, List.of("."))).contains("real/other", "sub/deep/file");
  }

  @Test
  void aPipeIsAnnouncedWithoutBeingOpened() throws Exception {
    make("a");
    Path pipe = folder.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();

    List<String> paths =
        assertTimeoutPreemptively(Duration.ofSeconds(30), () -> paths(NONE, NONE, NONE));

    assertThat(paths).containsExactly("a", "pipe");
  }

  @Test
  void aContextBelongsToRoot() throws IOException {
    make("d/f");
    List<Stat> stats = new ArrayList<>();

    DirectoryTree.open(folder, TreeView.context(NONE, NONE, NONE), ExtendedAttributes.none())
        .walk(stats::add);

    assertThat(stats).extracting(Stat::path).containsExactly("d", "d/f");
    assertThat(stats).allMatch(stat -> stat.uid() == 0 && stat.gid() == 0);
    assertThat(stats.getFirst().size()).isZero();
  }

  @Test
  void carriesExtendedAttributesOfFilesAndOfLinksThemselves() throws IOException {
    make("f");
    Files.createSymbolicLink(folder.resolve("link"), Path.of("f"));
    ExtendedAttributes attributes =
        file -> Map.of("user.x", ByteString.copyFromUtf8(String.valueOf(file.getFileName())));
    List<Stat> stats = new ArrayList<>();

    DirectoryTree.open(folder, TreeView.ALL, attributes).walk(stats::add);

    assertThat(StatMessages.decode(StatMessages.encode(stats.getFirst())))
        .isEqualTo(stats.getFirst());
    assertThat(stats)
        .extracting(stat -> stat.extendedAttributes().get("user.x"))
        .containsExactly(ByteString.copyFromUtf8("f"), ByteString.copyFromUtf8("link"));
  }

  @Test
  void refusesWhatIsNoDirectory() throws IOException {
    make("f");

    assertThatExceptionOfType(NotFound.class).isThrownBy(() -> open(folder.resolve("missing")));
    assertThatExceptionOfType(InvalidRequest.class).isThrownBy(() -> open(folder.resolve("f")));
  }

  @Test
  void severalTreesStandSideBySide() throws IOException {
    MemoryTree arm = new MemoryTree().file("x", new byte[] {1});
    MemoryTree amd =
        new MemoryTree()
            .file("x", new byte[] {2})
            .add(MemoryTree.stat("y", 0644, 0).withLinkName("x"));
    SubTrees trees =
        new SubTrees(
            List.of(
                new SubTree(directory("linux_arm64"), arm),
                new SubTree(directory("linux_amd64"), amd)));
    List<Stat> stats = new ArrayList<>();

    trees.walk(stats::add);

    assertThat(stats)
        .extracting(Stat::path)
        .containsExactly(
            "linux_amd64", "linux_amd64/x", "linux_amd64/y", "linux_arm64", "linux_arm64/x");
    assertThat(stats.get(2).linkName()).isEqualTo("linux_amd64/x");
    try (var in = trees.open("linux_arm64/x")) {
      assertThat(in.readAllBytes()).containsExactly(1);
    }
    assertThatExceptionOfType(InvalidRequest.class)
        .isThrownBy(() -> new SubTrees(List.of(new SubTree(directory("a/b"), arm))));
  }

  @Test
  void convertsModesBothWays() {
    for (int posix :
        new int[] {
          0100644, 0104755, 0102711, 0041777, 0120777, 0020600, 0060660, 0010644, 0140755
        }) {
      assertThat(FileMode.toPosix(FileMode.ofPosix(posix))).isEqualTo(posix);
    }
    assertThat(FileMode.ofPosix(0040755)).isEqualTo(FileMode.DIRECTORY | 0755);
    assertThat(FileMode.posixPermissions(FileMode.SETUID | FileMode.STICKY | 0644))
        .isEqualTo(05644);
  }

  private static Stat directory(String name) {
    return MemoryTree.stat(name, FileMode.DIRECTORY | 0755, 0);
  }

  private static DirectoryTree open(Path path) {
    return DirectoryTree.open(path, TreeView.ALL, ExtendedAttributes.none());
  }

  private List<String> paths(List<String> include, List<String> exclude, List<String> follow) {
    List<String> paths = new ArrayList<>();
    DirectoryTree.open(
            folder, TreeView.context(include, exclude, follow), ExtendedAttributes.ofUser())
        .walk(stat -> paths.add(stat.path()));
    return paths;
  }

  private void make(String... files) throws IOException {
    for (String file : files) {
      Path path = folder.resolve(file);
      Files.createDirectories(path.getParent());
      Files.writeString(path, file);
    }
  }
}
