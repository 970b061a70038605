package dev.slipway.workernative.stores;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.content.FileContentStore;
import dev.slipway.failure.NotFound;
import dev.slipway.kernel.FileAttributes;
import dev.slipway.kernel.Kernel;
import dev.slipway.layer.LayerApplier;
import dev.slipway.layer.LayerCompression;
import dev.slipway.layer.LayerConverter;
import dev.slipway.layer.OverlayLayerWriter;
import dev.slipway.metadata.MetadataDatabase;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.Digest;
import dev.slipway.oci.MediaType;
import dev.slipway.progress.ProgressSink;
import dev.slipway.progress.VertexProgress;
import dev.slipway.ref.FetchContext;
import dev.slipway.ref.ImmutableRef;
import dev.slipway.ref.LayerTools;
import dev.slipway.ref.MutableRef;
import dev.slipway.ref.RefDescription;
import dev.slipway.ref.RefDescription.RecordType;
import dev.slipway.ref.RefStore.LayerSource;
import dev.slipway.ref.RefStore.PrunePolicy;
import dev.slipway.ref.SnapshotRefStore;
import dev.slipway.ref.Trees;
import dev.slipway.ref.testing.NoSessions;
import dev.slipway.session.SessionGroup;
import dev.slipway.snapshot.Mounter.MountedTree;
import dev.slipway.task.Clock;
import dev.slipway.workernative.linux.LinuxKernel;
import dev.slipway.workernative.mount.KernelMounter;
import dev.slipway.workernative.overlay.OverlaySnapshotter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Refs on overlayfs with real layers. Needs root and overlayfs.
final class RefStoreKernelIT {
  private static final RefDescription STEP = RefDescription.regular("a step");

  @TempDir Path folder;
  private final Kernel kernel = new LinuxKernel();
  private Stores stores;

  /// Everything a ref store needs, in one folder.
  private final class Stores implements AutoCloseable {
    private final MetadataDatabase database;
    private final FileContentStore content;
    private final OverlaySnapshotter snapshotter;
    private final SnapshotRefStore refs;
    private final KernelMounter mounter;

    Stores(Path root) {
      database =
          MetadataDatabase.open(
              root.resolve("metadata.db"),
              List.of(FileContentStore.schema(), SnapshotRefStore.schema()));
      content =
          FileContentStore.open(
              root.resolve("content"), database, Clock.system(), kernel::startWriteback);
      snapshotter = OverlaySnapshotter.open(kernel, root.resolve("snapshots"));
      mounter = KernelMounter.open(kernel, root.resolve("mounts"));
      LayerTools tools =
          new LayerTools(
              (blob, _, _) -> {
                throw new NotFound("no registry here for " + blob.digest());
              },
              new LayerApplier(kernel),
              new OverlayLayerWriter(kernel),
              new LayerConverter(content, kernel)::recompress);
      refs =
          SnapshotRefStore.open(
              Trees.on(snapshotter, mounter, kernel, root),
              tools,
              content,
              database,
              Clock.system());
    }

    /// As if the process had been killed: the file is let go, nothing else.
    void kill() {
      database.close();
      snapshotter.close();
    }

    @Override
    public void close() {
      assertThat(refs.openHolds()).isZero();
      assertThat(refs.verifyLedger()).isEmpty();
      refs.close();
      snapshotter.close();
      database.close();
      KernelMounter.unmountAll(kernel, folder);
    }
  }

  @BeforeEach
  void open() {
    stores = new Stores(folder.resolve("one"));
  }

  @AfterEach
  void close() {
    stores.close();
  }

  private static FetchContext context() {
    return new FetchContext(
        new SessionGroup(new NoSessions(), List::of),
        new VertexProgress(Digest.ofText("vertex"), ProgressSink.none(), Clock.system()));
  }

  private interface Writing {
    void into(Path root) throws IOException;
  }

  private static ImmutableRef step(Stores stores, Optional<ImmutableRef> parent, Writing writing)
      throws IOException {
    try (MutableRef mutable = stores.refs.newMutable(parent, STEP, context())) {
      try (MountedTree tree = mutable.openTree()) {
        writing.into(tree.root());
      }
      return mutable.commit();
    }
  }

  /// Paths with what is there: mode, owner, contents or target.
  private Map<String, String> tree(ImmutableRef ref) throws IOException {
    try (MountedTree tree = ref.openTree(context());
        Stream<Path> paths = Files.walk(tree.root())) {
      Map<String, String> entries = new TreeMap<>();
      for (Path path : paths.toList()) {
        FileAttributes attributes = kernel.attributes(path);
        String what =
            switch (attributes.type()) {
              case FILE -> Files.readString(path);
              case SYMLINK -> "-> " + Files.readSymbolicLink(path);
              case DIRECTORY, CHARACTER_DEVICE, BLOCK_DEVICE, NAMED_PIPE, SOCKET ->
                  attributes.type().toString();
            };
        String mode = attributes.isSymlink() ? "" : Integer.toOctalString(attributes.mode());
        entries.put(
            "/" + tree.root().relativize(path),
            what + " " + mode + " " + attributes.uid() + ":" + attributes.gid());
      }
      return entries;
    }
  }

  private static ImmutableRef base(Stores stores) throws IOException {
    return step(
        stores,
        Optional.empty(),
        root -> {
          Files.createDirectories(root.resolve("etc/sub"));
          Files.writeString(root.resolve("etc/kept"), "kept");
          Files.writeString(root.resolve("etc/sub/gone"), "gone");
          Files.writeString(root.resolve("changed"), "before");
          Files.createDirectories(root.resolve("replaced/by/file"));
          Files.writeString(root.resolve("tofolder"), "file");
          Files.createSymbolicLink(root.resolve("link"), Path.of("etc/kept"));
        });
  }

  private ImmutableRef top(Stores to, ImmutableRef on) throws IOException {
    return step(
        to,
        Optional.of(on),
        root -> {
          Files.delete(root.resolve("etc/sub/gone"));
          Files.delete(root.resolve("etc/sub"));
          Files.writeString(root.resolve("changed"), "after");
          Files.delete(root.resolve("replaced/by/file"));
          Files.delete(root.resolve("replaced/by"));
          Files.delete(root.resolve("replaced"));
          Files.writeString(root.resolve("replaced"), "now a file");
          Files.delete(root.resolve("tofolder"));
          Files.createDirectories(root.resolve("tofolder/deep"));
          Files.writeString(root.resolve("tofolder/deep/x"), "x");
          kernel.setOwner(root.resolve("tofolder/deep/x"), 1000, 1001);
          kernel.setMode(root.resolve("tofolder/deep/x"), 04755);
          Files.createLink(root.resolve("hard"), root.resolve("tofolder/deep/x"));
        });
  }

  @Test
  void deletionsAndReplacementsShowInTheNextStep() throws IOException {
    try (ImmutableRef base = base(stores);
        ImmutableRef top = top(stores, base)) {
      assertThat(tree(top))
          .doesNotContainKeys("/etc/sub", "/replaced/by")
          .containsKeys("/etc/kept", "/link", "/hard");
      assertThat(tree(top))
          .containsEntry("/hard", "x 4755 1000:1001")
          .containsEntry("/changed", "after 644 0:0");
      assertThat(tree(base)).containsKeys("/etc/sub/gone", "/replaced/by/file");
    }
  }

  @Test
  void exportedLayersUnpackToTheSameTreeElsewhere() throws IOException {
    try (ImmutableRef base = base(stores);
        ImmutableRef top = top(stores, base)) {
      assertUnpacksToTheSameElsewhere(top);
    }
  }

  @Test
  void anExportedDifferenceStillDeletes() throws IOException {
    try (ImmutableRef lower = base(stores);
        ImmutableRef sameAsLower = base(stores);
        ImmutableRef upper = top(stores, sameAsLower);
        ImmutableRef difference =
            stores.refs.diff(Optional.of(lower), Optional.of(upper), STEP, context());
        ImmutableRef merged = stores.refs.merge(List.of(lower, difference), STEP, context())) {
      assertUnpacksToTheSameElsewhere(merged);
    }
  }

  private void assertUnpacksToTheSameElsewhere(ImmutableRef ref) throws IOException {
    try (Stores other = new Stores(folder.resolve("other"))) {
      Map<String, String> expected = tree(ref);
      List<Descriptor> blobs = stores.refs.blobs(ref, LayerCompression.DEFAULT, context());
      List<LayerSource> sources = new ArrayList<>();
      for (Descriptor blob : blobs) {
        copy(blob, stores.content, other.content);
        sources.add(
            new LayerSource(blob, blob.diffId().orElseThrow(), Optional.empty(), "imported"));
      }
      try (ImmutableRef imported = other.refs.ofLayers(sources, STEP)) {
        assertThat(imported.lazy()).isTrue();
        assertThat(tree(imported)).isEqualTo(expected);
      }
    }
  }

  @Test
  void aLayerThatOnlyImpliesADirectoryLeavesItAsItIs() throws IOException {
    Descriptor base =
        layer(stores.content, entry("tmp/", 01777), entry("home/", 0755), entry("home/me/", 0700));
    Descriptor top = layer(stores.content, entry("tmp/a", 0644), entry("home/me/new/b", 0644));
    List<LayerSource> sources = new ArrayList<>();
    for (Descriptor blob : List.of(base, top)) {
      sources.add(new LayerSource(blob, blob.diffId().orElseThrow(), Optional.empty(), "layer"));
    }

    try (ImmutableRef image = stores.refs.ofLayers(sources, STEP)) {
      assertThat(tree(image))
          .containsEntry("/tmp", "DIRECTORY 1777 0:0")
          .containsEntry("/tmp/a", " 644 0:0")
          .containsEntry("/home/me", "DIRECTORY 700 0:0")
          .containsEntry("/home/me/new", "DIRECTORY 755 0:0");
    }
  }

  private static TarArchiveEntry entry(String name, int mode) {
    TarArchiveEntry entry = new TarArchiveEntry(name);
    entry.setMode(mode);
    return entry;
  }

  /// A layer's blob, in the store.
  private static Descriptor layer(FileContentStore store, TarArchiveEntry... entries)
      throws IOException {
    ByteArrayOutputStream archive = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(archive)) {
      for (TarArchiveEntry entry : entries) {
        tar.putArchiveEntry(entry);
        tar.closeArchiveEntry();
      }
    }
    byte[] bytes = archive.toByteArray();
    Digest digest = Digest.ofBytes(bytes);
    try (var ingest = store.ingest(digest.toString())) {
      ingest.write(java.nio.ByteBuffer.wrap(bytes));
      ingest.commit(Optional.empty(), java.util.OptionalLong.empty(), Map.of());
    }
    return new Descriptor(MediaType.OCI_LAYER, digest, bytes.length)
        .withAnnotations(Map.of(Descriptor.UNCOMPRESSED, digest.toString()));
  }

  private static void copy(Descriptor blob, FileContentStore from, FileContentStore to)
      throws IOException {
    try (var channel = from.open(blob.digest());
        var ingest = to.ingest(blob.digest().toString())) {
      java.nio.ByteBuffer buffer = java.nio.ByteBuffer.allocate(1 << 16);
      while (channel.read(buffer.clear()) >= 0) {
        ingest.write(buffer.flip());
      }
      ingest.commit(Optional.of(blob.digest()), java.util.OptionalLong.of(blob.bytes()), Map.of());
    }
  }

  @Test
  void computedDifferenceOnTheLowerTreeGivesTheUpperOne() throws IOException {
    try (ImmutableRef lower = base(stores);
        ImmutableRef sameAsLower = base(stores);
        ImmutableRef upper = top(stores, sameAsLower);
        ImmutableRef difference =
            stores.refs.diff(Optional.of(lower), Optional.of(upper), STEP, context());
        ImmutableRef merged = stores.refs.merge(List.of(lower, difference), STEP, context())) {
      assertThat(difference.layers()).hasSize(1);
      assertThat(tree(merged)).isEqualTo(tree(upper));
      try (MountedTree alone = difference.openTree(context())) {
        assertThat(alone.root().resolve("link")).doesNotExist();
        assertThat(alone.root().resolve("etc/sub")).doesNotExist();
        assertThat(alone.root().resolve("hard")).exists();
      }
    }
  }

  @Test
  void whatWasMovedAwayAndBackIsNoDifference() throws IOException {
    try (ImmutableRef base = base(stores);
        ImmutableRef top =
            step(
                stores,
                Optional.of(base),
                root -> {
                  Files.move(root.resolve("etc/kept"), root.resolve("etc/aside"));
                  Files.move(root.resolve("etc/aside"), root.resolve("etc/kept"));
                  Files.writeString(root.resolve("new"), "new");
                });
        ImmutableRef difference =
            stores.refs.diff(Optional.of(base), Optional.of(top), STEP, context())) {
      assertThat(tree(difference)).containsOnlyKeys("/", "/new");
    }
  }

  @Test
  void differenceToNothingDeletesEverything() throws IOException {
    try (ImmutableRef lower = base(stores);
        ImmutableRef difference =
            stores.refs.diff(Optional.of(lower), Optional.empty(), STEP, context());
        ImmutableRef merged = stores.refs.merge(List.of(lower, difference), STEP, context())) {
      assertThat(tree(merged)).containsOnlyKeys("/");
    }
  }

  @Test
  void mergedTreesWithACommonBaseAreMounted() throws IOException {
    try (ImmutableRef base = base(stores);
        ImmutableRef left =
            step(stores, Optional.of(base), root -> Files.writeString(root.resolve("l"), "l"));
        ImmutableRef right =
            step(stores, Optional.of(base), root -> Files.delete(root.resolve("changed")));
        ImmutableRef merged = stores.refs.merge(List.of(left, right), STEP, context())) {
      assertThat(tree(merged)).containsKeys("/l", "/etc/kept").doesNotContainKeys("/changed");
    }
  }

  @Test
  void syncedDirectoryIsMountedReadOnlyAndTakenUpAgain() throws IOException {
    RefDescription local = new RefDescription("local source for context", RecordType.SOURCE_LOCAL);
    for (int round = 0; round < 3; round++) {
      try (MutableRef sync = stores.refs.openTagged("local", Optional.empty(), local, context())) {
        try (MountedTree tree = sync.openTree()) {
          Files.writeString(tree.root().resolve("file" + round), "x");
        }
        try (ImmutableRef synced = sync.commit()) {
          assertThat(tree(synced)).hasSize(2 + round);
        }
      }
      assertThat(stores.refs.usage()).hasSize(1);
    }
  }

  @Test
  void stepOnASyncedDirectoryIsNotTouchedByTheNextSync() throws IOException {
    RefDescription local = new RefDescription("local source for context", RecordType.SOURCE_LOCAL);
    try (MutableRef sync = stores.refs.openTagged("local", Optional.empty(), local, context());
        ImmutableRef synced = sync.commit();
        ImmutableRef step =
            step(stores, Optional.of(synced), root -> Files.writeString(root.resolve("s"), "s"))) {
      synced.close();
      try (MutableRef next = stores.refs.openTagged("local", Optional.empty(), local, context());
          MountedTree tree = next.openTree()) {
        Files.writeString(tree.root().resolve("n"), "n");
      }
      assertThat(tree(step)).containsOnlyKeys("/", "/s");
    }
  }

  @Test
  void killedProcessLeavesFinishedStepsAndNothingElse() throws IOException {
    ImmutableRef base = base(stores);
    ImmutableRef top = top(stores, base);
    Map<String, String> before = tree(top);
    MutableRef unfinished = stores.refs.newMutable(Optional.of(top), STEP, context());
    unfinished.openTree();
    stores.kill();

    stores = new Stores(folder.resolve("one"));

    try (ImmutableRef found = stores.refs.find(top.id()).orElseThrow()) {
      assertThat(tree(found)).isEqualTo(before);
    }
    assertThat(stores.snapshotter.list()).hasSize(2);
  }

  @Test
  void pruningEverythingLeavesAnEmptyDisk() throws IOException {
    try (ImmutableRef base = base(stores);
        ImmutableRef top = top(stores, base)) {
      stores.refs.blobs(top, LayerCompression.DEFAULT, context());
      assertThat(stores.refs.totalBytes()).isPositive();
    }
    stores.refs.prune(new PrunePolicy(true, List.of(), Duration.ZERO, 0, 0, 0), _ -> {});

    assertThat(stores.refs.totalBytes()).isZero();
    assertThat(stores.snapshotter.list()).isEmpty();
    try (Stream<Path> blobs = Files.list(folder.resolve("one/content/blobs/sha256"))) {
      assertThat(blobs).isEmpty();
    }
  }

  @Test
  void emptyStepCostsLittle() throws IOException {
    try (ImmutableRef base = base(stores)) {
      for (int warm = 0; warm < 300; warm++) {
        emptyStep(base);
      }
      long start = System.nanoTime();
      int rounds = 300;
      for (int i = 0; i < rounds; i++) {
        emptyStep(base);
      }
      long each = (System.nanoTime() - start) / rounds;
      System.out.printf("new mutable ref and commit: %d µs%n", each / 1000);
      assertThat(Duration.ofNanos(each)).isLessThan(Duration.ofMillis(200));
    }
  }

  private void emptyStep(ImmutableRef base) {
    try (MutableRef mutable = stores.refs.newMutable(Optional.of(base), STEP, context())) {
      mutable.commit().close();
    }
  }
}
