package dev.slipway.contenthash.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.slipway.contenthash.TreeHasher;
import dev.slipway.contenthash.testing.GoldenTrees.GoldenCase;
import dev.slipway.contenthash.testing.GoldenTrees.GoldenEntry;
import dev.slipway.failure.BuildFailure;
import dev.slipway.kernel.FileAttributes;
import dev.slipway.kernel.Kernel;
import dev.slipway.metadata.MetadataDatabase;
import dev.slipway.ref.RefDescription;
import dev.slipway.ref.RefId;
import dev.slipway.ref.testing.RefStoreFixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/// The recorded questions on real files with owners, links, pipes and attributes. Needs root and a
/// kernel.
public abstract class ContentHashOnDiskContract {
  private static final long SECOND = 1_000_000_000L;

  @TempDir Path folder;

  protected abstract Kernel kernel();

  @TestFactory
  List<DynamicTest> answersAsRecorded() {
    return GoldenTrees.cases().stream()
        .map(golden -> DynamicTest.dynamicTest(golden.toString(), () -> check(golden)))
        .toList();
  }

  private void check(GoldenCase golden) throws IOException {
    Path root = folder.resolve("trees").resolve(golden.tree());
    if (!Files.exists(root)) {
      make(root, GoldenTrees.trees().getOrDefault(golden.tree(), List.of()));
    }
    Path state = Files.createTempDirectory(folder, "state");
    try (RefStoreFixture fixture = new RefStoreFixture(state);
        MetadataDatabase database =
            MetadataDatabase.open(state.resolve("digests.db"), List.of(TreeHasher.schema()));
        TreeHasher hasher = TreeHasher.open(kernel(), database, fixture.store)) {
      FolderRef ref = new FolderRef(RefId.random(), root, RefDescription.regular("golden"));
      if (golden.error().isPresent()) {
        BuildFailure failure =
            catchThrowableOfType(
                BuildFailure.class,
                () -> hasher.digest(ref, List.of(golden.selection()), fixture.context()));
        assertThat(failure).hasMessage(golden.error().get());
      } else {
        String digest =
            hasher.digest(ref, List.of(golden.selection()), fixture.context()).toString();
        assertThat(Optional.of(digest)).isEqualTo(golden.digest());
      }
    }
  }

  private void make(Path root, List<GoldenEntry> entries) throws IOException {
    Files.createDirectories(root);
    kernel().setMode(root, 0755);
    for (GoldenEntry entry : entries) {
      Path path = root.resolve(entry.path());
      switch (entry.type()) {
        case "dir" -> Files.createDirectories(path);
        case "symlink" -> Files.createSymbolicLink(path, Path.of(entry.target()));
        case "hardlink" -> kernel().makeHardLink(path, root.resolve(entry.target()));
        case "fifo" -> kernel().makeNode(path, FileAttributes.Type.NAMED_PIPE, entry.mode(), 0, 0);
        case "file" -> Files.write(path, entry.data());
        default -> throw new IllegalArgumentException(entry.type());
      }
      if (!entry.type().equals("hardlink")) {
        kernel().setOwner(path, entry.uid(), entry.gid());
        if (!entry.type().equals("symlink")) {
          kernel().setMode(path, entry.mode());
        }
        entry.xattrs().forEach((name, value) -> kernel().setExtendedAttribute(path, name, value));
        kernel().setModifiedTime(path, entry.modified() * SECOND);
      }
    }
  }
}
