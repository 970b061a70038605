package dev.slipway.app;

import dev.slipway.api.control.StatusResponse;
import dev.slipway.config.DaemonConfig;
import dev.slipway.control.ContentService;
import dev.slipway.control.ControlService;
import dev.slipway.control.StatusEncoder;
import dev.slipway.control.TimestampHeader;
import dev.slipway.device.DeviceRegistry;
import dev.slipway.exporter.Exporter;
import dev.slipway.exporter.image.ImageExporter;
import dev.slipway.exporter.local.LocalExporter;
import dev.slipway.exporter.oci.ArchiveExporter;
import dev.slipway.exporter.oci.SessionSink;
import dev.slipway.exporter.tar.TarExporter;
import dev.slipway.failure.BuildFailure;
import dev.slipway.frontend.Frontend;
import dev.slipway.frontend.dockerfile.DockerfileFrontend;
import dev.slipway.frontend.dockerfile.NamedContextTrees;
import dev.slipway.frontend.dockerfile.SyntaxImages;
import dev.slipway.frontend.gateway.BuildIdInterceptor;
import dev.slipway.frontend.gateway.ImageFrontend;
import dev.slipway.frontend.gateway.LlbBridgeService;
import dev.slipway.history.BuildHistory;
import dev.slipway.history.Retention;
import dev.slipway.llbsolver.DefinitionBuilds;
import dev.slipway.llbsolver.JobPolicies;
import dev.slipway.llbsolver.LlbSolver;
import dev.slipway.llbsolver.NestedKeys;
import dev.slipway.llbsolver.ProxiedNetworks;
import dev.slipway.llbsolver.SpooledBuildLogs;
import dev.slipway.llbsolver.VertexLoader;
import dev.slipway.op.CacheMounts;
import dev.slipway.op.FailedStates;
import dev.slipway.op.JobSessions;
import dev.slipway.op.LlbVertex;
import dev.slipway.op.OpEvaluators;
import dev.slipway.op.OpServices;
import dev.slipway.op.Pins;
import dev.slipway.op.RefResult;
import dev.slipway.op.SessionClientMounts;
import dev.slipway.proxy.StepProxies;
import dev.slipway.remotecache.CacheBackend;
import dev.slipway.remotecache.LayerBlobs;
import dev.slipway.remotecache.local.LocalCache;
import dev.slipway.remotecache.object.ObjectCache;
import dev.slipway.remotecache.object.PlaceKind;
import dev.slipway.remotecache.registry.RegistryCache;
import dev.slipway.rpc.RpcServer;
import dev.slipway.session.SessionService;
import dev.slipway.solver.DecisionObserver;
import dev.slipway.solver.GraphSolver;
import dev.slipway.task.Clock;
import io.grpc.BindableService;
import io.grpc.ServerInterceptors;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Which rooms a daemon is made of, and how they are put together: read top to bottom, it is the
/// architecture.
final class Wiring implements DaemonServices {
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

  private Doors assemble(Foundation foundation) {
    Ground ground = Ground.open(config, clock, parts);
    Reach reach = Reach.open(foundation, parts);
    Holdings holdings = Holdings.open(ground, reach, foundation, parts);
    SourceRooms sources = SourceRooms.on(ground, reach, holdings, foundation);

    JobSessions jobs = new JobSessions(reach.sessions());
    DeviceRegistry devices = OperatorChoices.devices(config);
    CacheMounts cacheMounts = new CacheMounts(holdings.refs());
    VertexLoader loader =
        new VertexLoader(ground.workers().platforms().getFirst(), devices, cacheMounts);
    JobPolicies policies = new JobPolicies();
    NestedKeys nestedKeys = new NestedKeys();
    DefinitionBuilds nested = new DefinitionBuilds(loader, jobs, policies, nestedKeys);
    Pins pins = new Pins();
    OpServices services =
        new OpServices(
            ground.workers(),
            holdings.refs(),
            holdings.hasher(),
            sources.sources(),
            jobs,
            cacheMounts,
            new SessionClientMounts(
                ground.storage().mounter(), ground.kernel(), RootFolder.make(config, "sockets")),
            new FailedStates(),
            nested,
            devices,
            new ProxiedNetworks(new StepProxies(reach.http()::client, clock), policies));
    GraphSolver<LlbVertex, RefResult> graph =
        parts.add(
            "solver",
            GraphSolver.start(
                new OpEvaluators(services, pins),
                ground.keys(),
                holdings.results(reach),
                OperatorChoices.limits(config),
                clock,
                DecisionObserver.none()));
    nested.solveIn(graph);

    BuildHistory history = openHistory(ground, holdings);
    SpaceKeeping space = SpaceKeeping.start(ground, holdings, foundation, parts);
    SpooledBuildLogs logs =
        parts.add("logs", SpooledBuildLogs.open(config.root().resolve("logs"), KEPT_LOGS));
    LlbSolver solver =
        new LlbSolver(
            graph,
            logs,
            new LlbSolver.Rooms(
                ground.workers(),
                loader,
                frontends(foundation),
                exporters(ground, reach, holdings),
                caches(reach, holdings),
                holdings.refs(),
                sources.describer(),
                reach.sessions(),
                jobs,
                services,
                policies,
                nestedKeys,
                ground.kernel(),
                OperatorChoices.entitlements(config),
                config.proxyNetwork(),
                history,
                new LlbSolver.ProvenanceFacts(
                    pins,
                    Version.DOCKERFILE,
                    ProvenanceEnvironment.read(config.provenanceEnvDir())),
                space::buildStarted,
                space::buildEnded,
                clock));
    holdings.refs().keepContentSince(solver::oldestStart);
    ControlService.Identity identity =
        new ControlService.Identity(
            "dev.slipway/slipwayd", Version.BUILDKIT, "", Version.DOCKERFILE);
    return new Doors(
        new ControlService(
            solver, history, holdings.refs(), ground.workers(), devices, identity, space::rules),
        new ContentService(holdings.content()),
        LlbBridgeService.byBuildId(solver.gatewayBuilds()),
        new SessionService(reach.sessions()),
        solver);
  }

  private BuildHistory openHistory(Ground ground, Holdings holdings) {
    BuildHistory history =
        parts.add(
            "history",
            BuildHistory.open(
                new BuildHistory.Ground(
                    ground.database(),
                    holdings.content(),
                    holdings.refs()::releaseContent,
                    events ->
                        StatusEncoder.encode(events).stream()
                            .map(StatusResponse::toByteArray)
                            .toList(),
                    clock),
                new Retention(config.history().maxAge(), config.history().maxEntries())));
    holdings.refs().shareContent(history::holds);
    return history;
  }

  private Map<String, Frontend> frontends(Foundation foundation) {
    Map<String, Frontend> frontends = new HashMap<>();
    if (config.frontends().dockerfile()) {
      frontends.put(DockerfileFrontend.NAME, new DockerfileFrontend(SyntaxImages.SERVED_HERE));
    }
    if (config.frontends().gateway()) {
      ImageFrontend.Hosting hosting =
          new ImageFrontend.Hosting(
              RootFolder.make(config, "frontends"),
              new RpcServer.Threads(foundation.loops().get(), foundation.handlers()));
      frontends.put(
          ImageFrontend.NAME,
          new ImageFrontend(
              config.frontends().gatewayRepositories(), new NamedContextTrees(), hosting));
    }
    return Map.copyOf(frontends);
  }

  private List<Exporter> exporters(Ground ground, Reach reach, Holdings holdings) {
    return List.of(
        new ImageExporter(
            holdings.refs(),
            holdings.content(),
            holdings.converter(),
            reach.registries(),
            reach.credentials()),
        new ArchiveExporter(
            holdings.refs(),
            holdings.content(),
            holdings.converter(),
            new SessionSink(reach.sessions()),
            clock),
        new LocalExporter(reach.sessions(), ground.kernel(), clock),
        new TarExporter(reach.sessions(), ground.kernel(), clock));
  }

  private static List<CacheBackend> caches(Reach reach, Holdings holdings) {
    LayerBlobs layers = holdings.cacheLayers();
    List<CacheBackend> caches = new ArrayList<>();
    caches.add(
        new RegistryCache(reach.registries(), reach.credentials(), holdings.content(), layers));
    caches.add(new LocalCache(holdings.content(), layers));
    for (PlaceKind kind : reach.objectStores()) {
      caches.add(new ObjectCache(kind, reach.places(), holdings.content(), layers));
    }
    return List.copyOf(caches);
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
