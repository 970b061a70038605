package dev.slipway.app;

import dev.slipway.api.control.StatusResponse;
import dev.slipway.config.DaemonConfig;
import dev.slipway.content.ContentStore;
import dev.slipway.content.FileContentStore;
import dev.slipway.contenthash.TreeHasher;
import dev.slipway.control.ContentService;
import dev.slipway.control.ControlService;
import dev.slipway.control.StatusEncoder;
import dev.slipway.control.TimestampHeader;
import dev.slipway.device.DeviceRegistry;
import dev.slipway.exporter.image.ImageExporter;
import dev.slipway.exporter.local.LocalExporter;
import dev.slipway.exporter.oci.ArchiveExporter;
import dev.slipway.exporter.oci.SessionSink;
import dev.slipway.exporter.tar.TarExporter;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Unavailable;
import dev.slipway.frontend.Frontend;
import dev.slipway.frontend.dockerfile.DockerfileFrontend;
import dev.slipway.frontend.dockerfile.NamedContextTrees;
import dev.slipway.frontend.dockerfile.SyntaxImages;
import dev.slipway.frontend.gateway.BuildIdInterceptor;
import dev.slipway.frontend.gateway.ImageFrontend;
import dev.slipway.frontend.gateway.LlbBridgeService;
import dev.slipway.history.BuildHistory;
import dev.slipway.history.Retention;
import dev.slipway.image.LayerFetchers;
import dev.slipway.kernel.Kernel;
import dev.slipway.layer.LayerApplier;
import dev.slipway.layer.LayerConverter;
import dev.slipway.layer.OverlayLayerWriter;
import dev.slipway.lease.GarbageCollector;
import dev.slipway.lease.GcPolicy;
import dev.slipway.llbsolver.DefinitionBuilds;
import dev.slipway.llbsolver.JobPolicies;
import dev.slipway.llbsolver.LlbSolver;
import dev.slipway.llbsolver.NestedKeys;
import dev.slipway.llbsolver.ProxiedNetworks;
import dev.slipway.llbsolver.SpooledBuildLogs;
import dev.slipway.llbsolver.VertexLoader;
import dev.slipway.metadata.MetadataDatabase;
import dev.slipway.op.CacheMounts;
import dev.slipway.op.FailedStates;
import dev.slipway.op.JobSessions;
import dev.slipway.op.LlbVertex;
import dev.slipway.op.OpEvaluators;
import dev.slipway.op.OpServices;
import dev.slipway.op.Pins;
import dev.slipway.op.RefResult;
import dev.slipway.op.RefResultStore;
import dev.slipway.op.SessionClientMounts;
import dev.slipway.proxy.StepProxies;
import dev.slipway.ref.LayerFetcher;
import dev.slipway.ref.LayerTools;
import dev.slipway.ref.RefStore.PrunePolicy;
import dev.slipway.ref.SnapshotRefStore;
import dev.slipway.ref.Trees;
import dev.slipway.registry.CredentialSource;
import dev.slipway.registry.EnvironmentProxies;
import dev.slipway.registry.RegistryClient;
import dev.slipway.remotecache.CacheBackend;
import dev.slipway.remotecache.LayerBlobs;
import dev.slipway.remotecache.azblob.AzureKind;
import dev.slipway.remotecache.gha.GhaKind;
import dev.slipway.remotecache.local.LocalCache;
import dev.slipway.remotecache.object.KnownPlaces;
import dev.slipway.remotecache.object.ObjectCache;
import dev.slipway.remotecache.object.PlaceKind;
import dev.slipway.remotecache.object.PlaceLayers;
import dev.slipway.remotecache.object.StoreConnections;
import dev.slipway.remotecache.registry.RegistryCache;
import dev.slipway.remotecache.s3.S3Kind;
import dev.slipway.rpc.RpcServer;
import dev.slipway.session.ConnectedSessions;
import dev.slipway.session.ContentClient;
import dev.slipway.session.SessionCredentials;
import dev.slipway.session.SessionGroup;
import dev.slipway.session.SessionService;
import dev.slipway.session.TokenAuthority;
import dev.slipway.solver.DecisionObserver;
import dev.slipway.solver.GraphSolver;
import dev.slipway.solver.cachekey.sqlite.SqliteCacheKeyStore;
import dev.slipway.source.KnownTrees;
import dev.slipway.source.Source;
import dev.slipway.source.blob.BlobSource;
import dev.slipway.source.blob.ContainerBlobs;
import dev.slipway.source.git.GitSource;
import dev.slipway.source.http.HttpConnections;
import dev.slipway.source.http.HttpSource;
import dev.slipway.source.image.ImageMetadataResolver;
import dev.slipway.source.image.ImageSource;
import dev.slipway.source.image.RegistryLayerFetcher;
import dev.slipway.source.local.LocalSource;
import dev.slipway.source.ocilayout.LayoutLayerFetcher;
import dev.slipway.source.ocilayout.OciLayoutSource;
import dev.slipway.task.Clock;
import dev.slipway.task.TaskScope;
import dev.slipway.worker.Worker;
import dev.slipway.worker.WorkerProvider;
import dev.slipway.worker.Workers;
import io.grpc.BindableService;
import io.grpc.ServerInterceptors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Which rooms a daemon is made of, and how they are put together: read top to bottom, it is the
/// architecture.
final class Wiring implements DaemonServices {
  private static final Logger LOG = LoggerFactory.getLogger(Wiring.class);

  /// How many ended builds' logs can be read again beside those in the history: for readers that
  /// come late, and of builds that are kept out of it.
  private static final int KEPT_LOGS = 10;

  private static final Duration DRAIN_STEP = Duration.ofMillis(50);

  private final Lifecycle parts = new Lifecycle();
  private final DaemonConfig config;
  private final Clock clock;

  private Optional<Doors> doors = Optional.empty();

  /// What the outside sees.
  private record Doors(
      ControlService control,
      ContentService content,
      LlbBridgeService bridge,
      SessionService sessions,
      LlbSolver solver) {}

  private Wiring(Foundation foundation) {
    this.config = foundation.config();
    this.clock = foundation.clock();
  }

  /// Opens every room. Caller closes.
  static DaemonServices open(Foundation foundation) {
    Wiring wiring = new Wiring(foundation);
    try {
      wiring.doors = Optional.of(wiring.assemble(foundation));
      return wiring;
    } catch (BuildFailure failure) {
      wiring.close();
      throw failure;
    }
  }

  /// What everything else stands on.
  private record Ground(Workers workers, MetadataDatabase database, SqliteCacheKeyStore keys) {}

  /// Opens the ground side by side: half of the time to the first answer goes there, and most of
  /// that is waiting for the kernel and for other programs.
  private Ground openGround(Path root) {
    MetadataDatabase.makeRoom(root.resolve("metadata.db"));
    try (TaskScope opening = TaskScope.open("open")) {
      TaskScope.Forked<Workers> workers =
          opening.fork(
              () ->
                  parts.add(
                      "workers",
                      Workers.open(
                          new WorkerProvider.Environment(
                              root, OperatorChoices.workers(config, System.getenv())))));
      MetadataDatabase database =
          parts.add(
              "metadata",
              MetadataDatabase.open(
                  root.resolve("metadata.db"),
                  List.of(
                      FileContentStore.schema(),
                      SnapshotRefStore.schema(),
                      TreeHasher.schema(),
                      KnownTrees.schema(),
                      BuildHistory.schema())));
      SqliteCacheKeyStore keys =
          parts.add("cache keys", SqliteCacheKeyStore.open(root.resolve("cachekeys.db"), clock));
      return new Ground(workers.result(), database, keys);
    }
  }

  private Doors assemble(Foundation foundation) {
    Path root = config.root();
    Ground ground = openGround(root);
    Workers workers = ground.workers();
    MetadataDatabase database = ground.database();
    SqliteCacheKeyStore keys = ground.keys();
    Worker.Storage storage = workers.first().storage();
    Kernel kernel = storage.kernel();

    ConnectedSessions sessions =
        parts.add(
            "sessions",
            new ConnectedSessions(
                foundation.loops().get().moving(),
                foundation.handlers(),
                clock,
                ConnectedSessions.Settings.STANDARD));
    TokenAuthority authority = TokenAuthority.create();
    Function<SessionGroup, CredentialSource> credentials =
        sessionGroup -> new SessionCredentials(sessionGroup, authority);

    FileContentStore content =
        parts.add("content", FileContentStore.open(root.resolve("content"), database, clock));
    RegistryClient registries =
        parts.add(
            "registries",
            RegistryClient.open(OperatorChoices.registries(config, System.getenv()), clock));
    StoreConnections stores =
        parts.add("object stores", new StoreConnections(EnvironmentProxies.of(System.getenv())));
    List<PlaceKind> objectStores =
        List.of(
            new S3Kind(stores, clock, System.getenv()),
            new AzureKind(stores, clock, System.getenv()),
            new GhaKind(stores, clock, OperatorChoices.ghaSigning(config), GhaKind.API));
    KnownPlaces places =
        new KnownPlaces(objectStores.stream().map(PlaceKind::type).collect(Collectors.toSet()));
    LayerFetcher layers =
        layerFetcher(
            registries, content, sessions, credentials, new PlaceLayers(content, places, clock));
    LayerConverter converter = new LayerConverter(content, kernel);
    SnapshotRefStore refs =
        parts.add(
            "refs",
            SnapshotRefStore.open(
                Trees.on(storage.snapshotter(), storage.mounter(), kernel, root),
                new LayerTools(
                    layers,
                    new LayerApplier(kernel),
                    new OverlayLayerWriter(kernel),
                    converter::recompress),
                content,
                database,
                clock));
    LayerBlobs cacheLayers = new LayerBlobs(content, refs.fetcher());
    TreeHasher hasher = parts.add("content hasher", TreeHasher.open(kernel, database, refs));
    refs.onRemoved(id -> keys.removeResult(id.value()));

    HttpConnections http = parts.add("http", new HttpConnections());
    ImageSource images = new ImageSource(registries, content, refs, credentials);
    OciLayoutSource layouts = new OciLayoutSource(content, refs, sessions, ContentClient::new);
    KnownTrees known = new KnownTrees(database);
    refs.onRemoved(known::forget);
    HttpSource downloads = new HttpSource(refs, known, kernel, http, Version.userAgent());
    ContainerBlobs blobs =
        new ContainerBlobs(registries, content, credentials, sessions, ContentClient::new);
    GitSource repositories =
        new GitSource(
            refs,
            known,
            kernel,
            Surroundings.ofGit(System.getenv()),
            madeDirectory(root.resolve("sockets")),
            blobs);
    List<Source> sources =
        List.of(
            images,
            layouts,
            LocalSource.open(refs, sessions, kernel, new ContentDigests(hasher), clock),
            downloads,
            repositories,
            new BlobSource(refs, kernel, blobs));
    SourceDescriber metadata =
        new SourceDescriber(
            new ImageMetadataResolver(registries, content, credentials),
            layouts,
            downloads,
            repositories);

    JobSessions jobs = new JobSessions(sessions);
    DeviceRegistry devices = OperatorChoices.devices(config);
    CacheMounts cacheMounts = new CacheMounts(refs);
    VertexLoader loader = new VertexLoader(workers.platforms().getFirst(), devices, cacheMounts);
    JobPolicies policies = new JobPolicies();
    NestedKeys nestedKeys = new NestedKeys();
    DefinitionBuilds nested = new DefinitionBuilds(loader, jobs, policies, nestedKeys);
    Pins pins = new Pins();
    OpServices services =
        new OpServices(
            workers,
            refs,
            hasher,
            sources,
            jobs,
            cacheMounts,
            new SessionClientMounts(
                storage.mounter(), kernel, madeDirectory(root.resolve("sockets"))),
            new FailedStates(),
            nested,
            devices,
            new ProxiedNetworks(new StepProxies(http::client, clock), policies));
    GraphSolver<LlbVertex, RefResult> graph =
        parts.add(
            "solver",
            GraphSolver.start(
                new OpEvaluators(services, pins),
                keys,
                new RefResultStore(
                    refs,
                    layer ->
                        LocalCache.isObtainable(layer, content, sessions)
                            && places.isObtainable(layer, content)),
                OperatorChoices.limits(config),
                clock,
                DecisionObserver.none()));
    nested.solveIn(graph);

    BuildHistory history =
        parts.add(
            "history",
            BuildHistory.open(
                new BuildHistory.Ground(
                    database,
                    content,
                    refs::releaseContent,
                    events ->
                        StatusEncoder.encode(events).stream()
                            .map(StatusResponse::toByteArray)
                            .toList(),
                    clock),
                new Retention(config.history().maxAge(), config.history().maxEntries())));
    refs.shareContent(history::holds);

    List<GcPolicy> collection = OperatorChoices.collection(config, kernel.space(root).totalBytes());
    GarbageCollector collector =
        parts.add(
            "garbage collection",
            GarbageCollector.start(
                collection,
                (rule, usedBytes) -> collect(refs, rule, usedBytes),
                new RootOccupancy(refs, kernel, root),
                () -> {
                  hasher.flush();
                  content.sweepIngests();
                },
                clock));
    refs.onGrown(collector::grown);

    List<CacheBackend> caches =
        new ArrayList<>(
            List.of(
                new RegistryCache(registries, credentials, content, cacheLayers),
                new LocalCache(content, cacheLayers)));
    objectStores.forEach(kind -> caches.add(new ObjectCache(kind, places, content, cacheLayers)));

    SpooledBuildLogs logs =
        parts.add("logs", SpooledBuildLogs.open(root.resolve("logs"), KEPT_LOGS));
    LlbSolver solver =
        new LlbSolver(
            graph,
            logs,
            new LlbSolver.Rooms(
                workers,
                loader,
                frontends(foundation),
                List.of(
                    new ImageExporter(refs, content, converter, registries, credentials),
                    new ArchiveExporter(refs, content, converter, new SessionSink(sessions), clock),
                    new LocalExporter(sessions, kernel, clock),
                    new TarExporter(sessions, kernel, clock)),
                caches,
                refs,
                metadata,
                sessions,
                jobs,
                services,
                policies,
                nestedKeys,
                kernel,
                OperatorChoices.entitlements(config),
                config.proxyNetwork(),
                history,
                new LlbSolver.ProvenanceFacts(
                    pins,
                    Version.DOCKERFILE,
                    ProvenanceEnvironment.read(config.provenanceEnvDir())),
                collector::buildStarted,
                collector::buildEnded,
                clock));
    refs.keepContentSince(solver::oldestStart);
    ControlService.Identity identity =
        new ControlService.Identity(
            "dev.slipway/slipwayd", Version.BUILDKIT, "", Version.DOCKERFILE);
    ControlService control =
        new ControlService(
            solver,
            history,
            refs,
            workers,
            devices,
            identity,
            () -> collection.stream().map(Wiring::prunePolicy).toList());
    return new Doors(
        control,
        new ContentService(content),
        LlbBridgeService.byBuildId(solver.gatewayBuilds()),
        new SessionService(sessions),
        solver);
  }

  private static LayerFetcher layerFetcher(
      RegistryClient registries,
      ContentStore content,
      ConnectedSessions sessions,
      Function<SessionGroup, CredentialSource> credentials,
      PlaceLayers objects) {
    return new LayerFetchers(
        Map.of(
            RegistryCache.KIND,
            new RegistryLayerFetcher(registries.fetcher(), content, credentials),
            RegistryCache.INSECURE_KIND,
            new RegistryLayerFetcher(registries.insecureFetcher(), content, credentials),
            "oci-layout",
            new LayoutLayerFetcher(content, sessions, ContentClient::new),
            LocalCache.KIND,
            new LayoutLayerFetcher(content, sessions, ContentClient::new, LocalCache.PREFIX),
            "s3",
            objects,
            "azblob",
            objects,
            "gha",
            objects));
  }

  private Map<String, Frontend> frontends(Foundation foundation) {
    Map<String, Frontend> frontends = new HashMap<>();
    if (config.frontends().dockerfile()) {
      frontends.put(DockerfileFrontend.NAME, new DockerfileFrontend(SyntaxImages.SERVED_HERE));
    }
    if (config.frontends().gateway()) {
      ImageFrontend.Hosting hosting =
          new ImageFrontend.Hosting(
              madeDirectory(config.root().resolve("frontends")),
              new RpcServer.Threads(foundation.loops().get(), foundation.handlers()));
      frontends.put(
          ImageFrontend.NAME,
          new ImageFrontend(
              config.frontends().gatewayRepositories(), new NamedContextTrees(), hosting));
    }
    return Map.copyOf(frontends);
  }

  /// Applies one rule, and tells what went and why.
  private static void collect(SnapshotRefStore refs, GcPolicy rule, long usedBytes) {
    refs.enforce(
        prunePolicy(rule.tightened()),
        usedBytes,
        gone ->
            LOG.info(
                "collected {} ({}, {} bytes, used {} times, last {}), {} bytes being used: {}",
                gone.id(),
                gone.description().type().text(),
                gone.bytes(),
                gone.usageCount(),
                gone.lastUsedAt().map(Object::toString).orElse("never"),
                usedBytes,
                rule));
  }

  private static PrunePolicy prunePolicy(GcPolicy policy) {
    return new PrunePolicy(
        policy.all(),
        policy.filters(),
        policy.keepDuration(),
        policy.reservedBytes(),
        policy.maxUsedBytes(),
        policy.minFreeBytes());
  }

  private static Path madeDirectory(Path directory) {
    try {
      return Files.createDirectories(directory);
    } catch (IOException failure) {
      throw new Unavailable("cannot make " + directory + ": " + failure.getMessage(), failure);
    }
  }

  @Override
  public List<BindableService> services() {
    Doors open = doors.orElseThrow();
    return List.of(
        () ->
            open.sessions()
                .bindInto(
                    ServerInterceptors.intercept(
                        open.control().bindService(), new TimestampHeader(clock))),
        open.content(),
        () -> ServerInterceptors.intercept(open.bridge().bindService(), new BuildIdInterceptor()));
  }

  @Override
  public void drain(Duration atMost) {
    LlbSolver solver = doors.orElseThrow().solver();
    long deadline = System.nanoTime() + atMost.toNanos();
    while (solver.running() > 0 && System.nanoTime() < deadline) {
      clock.sleep(DRAIN_STEP);
    }
  }

  @Override
  public void close() {
    parts.close();
  }
}
