package dev.slipway.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TreeRemovalTest {
  @TempDir Path folder;

  @Test
  void whatLinksLeadToStays() throws IOException {
    Path kept = Files.createDirectories(folder.resolve("kept"));
    Files.writeString(kept.resolve("file"), "kept");
    Path tree = folder.resolve("tree");
    Files.createDirectories(tree.resolve("below"));
    Files.writeString(tree.resolve("below/file"), "removed");
    Files.createSymbolicLink(tree.resolve("link"), kept);

    TreeRemoval.remove(tree);

    assertThat(tree).doesNotExist();
    assertThat(kept.resolve("file")).hasContent("kept");
  }

  @Test
  void aLinkIsRemovedItself() throws IOException {
    Path kept = Files.createDirectories(folder.resolve("kept"));
    Path link = Files.createSymbolicLink(folder.resolve("link"), kept);

    TreeRemoval.remove(link);
    TreeRemoval.remove(link);

    assertThat(Files.isSymbolicLink(link)).isFalse();
    assertThat(kept).isDirectory();
  }
}
