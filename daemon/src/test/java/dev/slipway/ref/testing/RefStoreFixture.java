package dev.slipway.ref.testing;

import dev.slipway.content.FileContentStore;
import dev.slipway.metadata.MetadataDatabase;
import dev.slipway.oci.Digest;
import dev.slipway.progress.ProgressSink;
import dev.slipway.progress.VertexProgress;
import dev.slipway.ref.FetchContext;
import dev.slipway.ref.ImmutableRef;
import dev.slipway.ref.LayerOrigin;
import dev.slipway.ref.LayerTools;
import dev.slipway.ref.MutableRef;
import dev.slipway.ref.RefDescription;
import dev.slipway.ref.RefStore.LayerSource;
import dev.slipway.ref.SnapshotRefStore;
import dev.slipway.ref.Trees;
import dev.slipway.ref.testing.ToyLayers.ToyLayer;
import dev.slipway.session.SessionGroup;
import dev.slipway.snapshot.Mounter.MountedTree;
import dev.slipway.source.KnownTrees;
import dev.slipway.task.Clock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

/// A whole ref store in a folder, on fakes that need no privileges; can be killed and opened again.
public final class RefStoreFixture implements AutoCloseable {
  public static final RefDescription STEP = RefDescription.regular("a step");

  private final Path root;
  private volatile Instant now = Instant.parse("2026-01-01T00:00:00Z");
  public MetadataDatabase database;
  public FileContentStore content;
  public FolderSnapshotter snapshotter;
  public ToyLayers layers;
  public ScriptedFetcher fetcher;
  public SnapshotRefStore store;
  public volatile long freeBytes = 1L << 40;

  public RefStoreFixture(Path root) {
    this.root = root;
    open();
  }

  private void open() {
    database =
        MetadataDatabase.open(
            root.resolve("metadata.db"),
            List.of(FileContentStore.schema(), SnapshotRefStore.schema(), KnownTrees.schema()));
    content =
        FileContentStore.open(
            root.resolve("content"), database, clock(), FileContentStore.Writeback.NONE);
    snapshotter = new FolderSnapshotter(root);
    layers = new ToyLayers(content);
    fetcher = new ScriptedFetcher(content);
    Trees trees =
        new Trees(
            snapshotter,
            snapshotter,
            (lower, upper, layer) -> {
              throw new IllegalStateException("tests of computed differences need the kernel");
            },
            (_, _) -> {},
            () -> freeBytes);
    store =
        SnapshotRefStore.open(
            trees, new LayerTools(fetcher, layers, layers, layers), content, database, clock());
  }

  /// What `kill -9` and a new start do: nothing is told goodbye.
  public void killAndReopen() {
    database.close();
    open();
  }

  /// As [#killAndReopen], with something done to the database's file in between.
  public void killAndDamage(Consumer<Path> damage) {
    database.close();
    damage.accept(root.resolve("metadata.db"));
    open();
  }

  public Clock clock() {
    return new Clock() {
      @Override
      public Instant now() {
        return now;
      }

      @Override
      public void sleep(Duration duration) {
        now = now.plus(duration);
      }
    };
  }

  public void passTime(Duration duration) {
    now = now.plus(duration);
  }

  public FetchContext context() {
    return new FetchContext(
        new SessionGroup(new NoSessions(), List::of),
        new VertexProgress(Digest.ofText("vertex"), ProgressSink.none(), clock()));
  }

  /// A ref made by writing these `path=content` files on the parent.
  public ImmutableRef step(Optional<ImmutableRef> parent, String... files) {
    try (MutableRef mutable = store.newMutable(parent, STEP, context())) {
      write(mutable, files);
      return mutable.commit();
    }
  }

  /// Two steps on each other, the first of which only the second holds.
  public ImmutableRef twoSteps(String firstFile, String secondFile) {
    try (ImmutableRef first = step(Optional.empty(), firstFile)) {
      return step(Optional.of(first), secondFile);
    }
  }

  public static void write(MutableRef mutable, String... files) {
    try (MountedTree tree = mutable.openTree()) {
      for (String file : files) {
        int equals = file.indexOf('=');
        Path path = tree.root().resolve(file.substring(0, equals));
        Files.createDirectories(path.getParent());
        Files.writeString(path, file.substring(equals + 1));
      }
    } catch (IOException failed) {
      throw new java.io.UncheckedIOException(failed);
    }
  }

  /// An image's tree; its origin serves the layers.
  public ImmutableRef image(ToyLayer... toyLayers) {
    for (ToyLayer layer : toyLayers) {
      fetcher.serve(layer.blob());
    }
    return store.ofLayers(sources(toyLayers), RefDescription.regular("pulled"));
  }

  public static List<LayerSource> sources(ToyLayer... toyLayers) {
    return Stream.of(toyLayers)
        .map(
            layer ->
                new LayerSource(
                    layer.descriptor(),
                    layer.diffId(),
                    Optional.of(new LayerOrigin("registry", "example.org/image")),
                    "a layer"))
        .toList();
  }

  /// The tree's files with their contents.
  public Map<String, String> files(ImmutableRef ref) {
    try (MountedTree tree = ref.openTree(context());
        Stream<Path> files = Files.walk(tree.root())) {
      Map<String, String> contents = new TreeMap<>();
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        contents.put(tree.root().relativize(file).toString(), Files.readString(file));
      }
      return contents;
    } catch (IOException failed) {
      throw new java.io.UncheckedIOException(failed);
    }
  }

  @Override
  public void close() {
    store.close();
    database.close();
  }
}
