package dev.slipway.image.testing;

import dev.slipway.content.FileContentStore;
import dev.slipway.image.LayerFetchers;
import dev.slipway.layer.LayerApplier;
import dev.slipway.layer.LayerConverter;
import dev.slipway.layer.OverlayLayerWriter;
import dev.slipway.layer.testing.UnprivilegedKernel;
import dev.slipway.metadata.MetadataDatabase;
import dev.slipway.oci.Digest;
import dev.slipway.progress.ProgressEvent;
import dev.slipway.progress.ProgressEvent.StatusChanged;
import dev.slipway.progress.VertexProgress;
import dev.slipway.ref.FetchContext;
import dev.slipway.ref.ImmutableRef;
import dev.slipway.ref.LayerFetcher;
import dev.slipway.ref.LayerTools;
import dev.slipway.ref.MutableRef;
import dev.slipway.ref.RefDescription;
import dev.slipway.ref.SnapshotRefStore;
import dev.slipway.ref.Trees;
import dev.slipway.ref.testing.FolderSnapshotter;
import dev.slipway.registry.RegistryClient;
import dev.slipway.registry.RegistryConfig;
import dev.slipway.registry.RegistryConfig.HostConfig;
import dev.slipway.registry.testing.InProcessRegistry;
import dev.slipway.session.Session;
import dev.slipway.session.SessionGroup;
import dev.slipway.session.Sessions;
import dev.slipway.snapshot.Mounter.MountedTree;
import dev.slipway.task.Clock;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/// Real stores in a folder, a registry in process that stands for `docker.io`, and layers really
/// unpacked, without privileges.
public final class PullFixture implements AutoCloseable {
  public final InProcessRegistry registry;
  public final RegistryClient client;
  public final FileContentStore content;
  public final SnapshotRefStore refs;
  public final UnprivilegedKernel kernel = new UnprivilegedKernel();
  public final List<ProgressEvent> events = new CopyOnWriteArrayList<>();

  private final Map<String, Session> connected = new ConcurrentHashMap<>();
  private final MetadataDatabase database;

  public PullFixture(Path root, Function<PullFixture, Map<String, LayerFetcher>> fetchers)
      throws IOException {
    registry = InProcessRegistry.start();
    HostConfig mirrored =
        new HostConfig(
            List.of(registry.host()), Optional.empty(), false, List.of(), List.of(), List.of());
    client =
        RegistryClient.open(new RegistryConfig(Map.of("docker.io", mirrored), 4), Clock.system());
    database =
        MetadataDatabase.open(
            root.resolve("metadata.db"),
            List.of(FileContentStore.schema(), SnapshotRefStore.schema()));
    content =
        FileContentStore.open(
            root.resolve("content"), database, Clock.system(), FileContentStore.Writeback.NONE);
    FolderSnapshotter snapshotter = new FolderSnapshotter(root);
    Trees trees =
        new Trees(
            snapshotter,
            snapshotter,
            (lower, upper, layer) -> {
              throw new IllegalStateException("no differences here");
            },
            (_, _) -> {},
            () -> 1L << 40);
    LayerTools tools =
        new LayerTools(
            new LayerFetchers(new HashMap<>(fetchers.apply(this))),
            new LayerApplier(kernel),
            new OverlayLayerWriter(kernel),
            converter()::recompress);
    refs = SnapshotRefStore.open(trees, tools, content, database, Clock.system());
  }

  /// Makes a client known.
  public void connect(Session session) {
    connected.put(session.id(), session);
  }

  public Sessions sessions() {
    return new Sessions() {
      @Override
      public Session require(String id) {
        return find(id)
            .orElseThrow(() -> new dev.slipway.failure.NotFound("no active session for " + id));
      }

      @Override
      public Optional<Session> find(String id) {
        return Optional.ofNullable(connected.get(id));
      }
    };
  }

  public FetchContext context() {
    SessionGroup group = new SessionGroup(sessions(), () -> List.copyOf(connected.keySet()));
    return new FetchContext(
        group, new VertexProgress(Digest.ofText("vertex"), events::add, Clock.system()));
  }

  /// Ids of the items that were shown, each once.
  public List<String> items() {
    return events.stream()
        .filter(StatusChanged.class::isInstance)
        .map(each -> ((StatusChanged) each).id())
        .distinct()
        .toList();
  }

  /// A tree on the parent with something written into it.
  public ImmutableRef step(Optional<ImmutableRef> parent, Writing writing) {
    try (MutableRef mutable =
        refs.newMutable(parent, RefDescription.regular("a step"), context())) {
      try (MountedTree tree = mutable.openTree()) {
        writing.into(tree.root());
      } catch (IOException failed) {
        throw new java.io.UncheckedIOException(failed);
      }
      return mutable.commit();
    }
  }

  @FunctionalInterface
  public interface Writing {
    void into(Path root) throws IOException;
  }

  @Override
  public void close() {
    refs.close();
    content.close();
    database.close();
    client.close();
    registry.close();
  }

  public LayerConverter converter() {
    return new LayerConverter(content, kernel);
  }
}
