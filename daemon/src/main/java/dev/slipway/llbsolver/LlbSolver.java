package dev.slipway.llbsolver;

import dev.slipway.attestation.Attestation;
import dev.slipway.executor.NetworkProxy;
import dev.slipway.exporter.CompatibilityVersion;
import dev.slipway.exporter.Exporter;
import dev.slipway.exporter.Exporter.ExportSession;
import dev.slipway.exporter.Exporter.Input;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Cancelled;
import dev.slipway.failure.FailureKind;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.NotFound;
import dev.slipway.frontend.Frontend;
import dev.slipway.frontend.FrontendBridge.BuildOptions;
import dev.slipway.frontend.FrontendBridge.WorkerInfo;
import dev.slipway.frontend.FrontendRef;
import dev.slipway.frontend.FrontendResult;
import dev.slipway.frontend.gateway.GatewayBuild;
import dev.slipway.frontend.gateway.PolicyVerifier;
import dev.slipway.frontend.sbom.SbomRequest;
import dev.slipway.history.BuildHistory;
import dev.slipway.history.BuildRecord;
import dev.slipway.history.BuildRecord.Asked;
import dev.slipway.history.BuildRecording;
import dev.slipway.kernel.Kernel;
import dev.slipway.layer.LayerCompressor;
import dev.slipway.llb.Definition;
import dev.slipway.oci.json.GoJson;
import dev.slipway.op.FailedStates;
import dev.slipway.op.JobSessions;
import dev.slipway.op.LlbVertex;
import dev.slipway.op.OpServices;
import dev.slipway.op.Pins;
import dev.slipway.op.RefResult;
import dev.slipway.progress.ProgressReader;
import dev.slipway.provenance.ProvenanceOptions;
import dev.slipway.ref.FetchContext;
import dev.slipway.ref.ImmutableRef;
import dev.slipway.ref.RefStore;
import dev.slipway.remotecache.CacheBackend;
import dev.slipway.session.ExporterClient;
import dev.slipway.session.SessionGroup;
import dev.slipway.session.Sessions;
import dev.slipway.solver.CacheKey;
import dev.slipway.solver.Job;
import dev.slipway.solver.JobId;
import dev.slipway.solver.Solver;
import dev.slipway.source.SourceMetadata;
import dev.slipway.task.Clock;
import dev.slipway.task.TaskScope;
import dev.slipway.usage.MachineSample;
import dev.slipway.usage.ProcMachine;
import dev.slipway.usage.Sampling;
import dev.slipway.usage.Sampling.Pace;
import dev.slipway.worker.Workers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One build from request to response: opens the job, lets a frontend or the client make the
/// result, computes it, exports it.
///
/// Thread-safe; each build runs on its caller's thread, which may be interrupted to cancel it.
public final class LlbSolver {
  private static final Logger LOG = LoggerFactory.getLogger(LlbSolver.class);

  /// How long a Status call waits for its build's Solve to arrive (BuildKit, `solver/jobs.go`).
  private static final Duration STATUS_PATIENCE = Duration.ofSeconds(6);

  private final Solver<LlbVertex, RefResult> graph;
  private final Rooms rooms;
  private final BuildLogs logs;
  private final Builds builds = new Builds();
  private final UnderWay underWay = new UnderWay();
  private final Producers producers = new Producers();

  /// What builds use.
  ///
  /// @param frontends by name
  /// @param caches the kinds of places where caches lie
  /// @param allowed entitlements the operator allows
  /// @param proxyNetwork steps of every build reach the network through a proxy only
  /// @param beforeBuild told of each build's beginning
  /// @param afterBuild told of each build's end
  public record Rooms(
      Workers workers,
      VertexLoader loader,
      Map<String, Frontend> frontends,
      List<Exporter> exporters,
      List<CacheBackend> caches,
      RefStore refs,
      SourceMetadata metadata,
      Sessions sessions,
      JobSessions jobSessions,
      OpServices services,
      JobPolicies policies,
      NestedKeys nestedKeys,
      Kernel kernel,
      Set<String> allowed,
      boolean proxyNetwork,
      BuildHistory history,
      ProvenanceFacts provenance,
      Runnable beforeBuild,
      Runnable afterBuild,
      Clock clock) {}

  /// What this daemon knows for provenance.
  ///
  /// @param pins what sources resolved to
  /// @param dockerfileVersion release of the built-in Dockerfile frontend
  /// @param environment the operator's own facts, by name
  public record ProvenanceFacts(
      Pins pins, String dockerfileVersion, Map<String, GoJson.Raw> environment) {}

  public LlbSolver(Solver<LlbVertex, RefResult> graph, BuildLogs logs, Rooms rooms) {
    this.graph = graph;
    this.logs = logs;
    this.rooms = rooms;
  }

  /// Runs a build to its end.
  ///
  /// @return response metadata for the client
  public Map<String, String> solve(BuildRequest request) {
    Entitlements entitlements = Entitlements.grant(request.entitlements(), rooms.allowed());
    CompatibilityVersion.of(request.compatibility()); // refused before anything is solved
    AttestationRequest.of(request.frontendOptions()); // likewise
    WayOut wayOut =
        new WayOut(
            Exports.prepare(request.exporters(), rooms.exporters()),
            CacheExports.prepare(request.cacheExports(), rooms.caches(), rooms.refs()));
    try (UnderWay.Mark _ = underWay.begin(rooms.clock().now());
        BuildLogs.Open log = logs.open(request.ref())) {
      Optional<BuildRecording> recording =
          request.internal()
              ? Optional.empty()
              : Optional.of(rooms.history().start(request.ref(), asked(request)));
      try {
        rooms.beforeBuild().run();
        Map<String, String> response =
            run(request, wayOut, entitlements, new Recorded(log, recording));
        recording.ifPresent(kept -> kept.end(log.finish(), Optional.empty()));
        return response;
      } catch (BuildFailure failure) {
        recording.ifPresent(kept -> kept.end(log.finish(), Optional.of(failure)));
        throw failure;
      } catch (RuntimeException bug) {
        recording.ifPresent(kept -> kept.end(log.finish(), Optional.of(unexplained(bug))));
        throw bug;
      } finally {
        rooms.afterBuild().run();
      }
    }
  }

  /// Where a build's story goes.
  private record Recorded(BuildLogs.Open log, Optional<BuildRecording> recording) {}

  private static Asked asked(BuildRequest request) {
    return new Asked(
        request.frontend().orElse(""),
        request.frontendOptions(),
        request.exporters().stream()
            .map(exporter -> new BuildRecord.Export(exporter.type(), exporter.attributes()))
            .toList());
  }

  private static BuildFailure unexplained(RuntimeException bug) {
    return BuildFailure.of(
        FailureKind.PROCESS_FAILED, "internal error", Optional.of(bug), List.of());
  }

  /// All that is to leave with a build's result.
  private record WayOut(Exports exports, CacheExports caches) {}

  private Map<String, String> run(
      BuildRequest request, WayOut wayOut, Entitlements entitlements, Recorded recorded) {
    ShownWork shown = new ShownWork(recorded.log().sink(), rooms.clock());
    AttestationRequest attest = AttestationRequest.of(request.frontendOptions());
    Instant started = rooms.clock().now();
    try (Sampling<MachineSample> machine =
            Sampling.start(ProcMachine.local()::sample, Pace.OF_BUILDS, rooms.clock());
        JobSessions.Registration _ =
            rooms
                .jobSessions()
                .register(new JobId(request.ref()), request.sessionId(), entitlements.granted());
        FailedStates.Keeping _ = rooms.services().failedStates().open(new JobId(request.ref()));
        NestedKeys.Collecting _ = rooms.nestedKeys().collect(new JobId(request.ref()));
        Build build = open(request, entitlements, recorded.log());
        JobPolicies.Registration _ =
            rooms
                .policies()
                .register(new JobId(request.ref()), build.policies(), access(request))) {
      SessionGroup sessions = sessionsOf(request);
      request.cacheImports().forEach(build::importCache);
      builds.register(build);
      try {
        FrontendResult made = result(build, request);
        FrontendResult result =
            attest
                .sbom()
                .map(wanted -> scan(wanted, request).complete(made, build.bridge().aside()))
                .orElse(made);
        evaluate(result);
        ResultProvenance provenance =
            provenance(build, request, made, new Observed(started, machine::withLast));
        recorded.recording().ifPresent(kept -> kept.metadata(result.metadata()));
        SequencedMap<String, Attestation> statements =
            attest.provenance().map(provenance::attestations).orElseGet(LinkedHashMap::new);
        Map<String, String> response = new LinkedHashMap<>();
        result
            .metadata()
            .forEach(
                (key, value) -> {
                  if (key.startsWith("frontend.")) {
                    response.put(key, new String(value, StandardCharsets.UTF_8));
                  }
                });
        Exports all =
            request.asksForExports()
                ? wayOut.exports().and(wantedByClient(request, result), rooms.exporters())
                : wayOut.exports();
        List<String> warnings = RequestedPlatforms.warnings(request.frontendOptions(), result);
        try {
          response.putAll(
              recovery(result, sessions, recorded.log())
                  .export(
                      () -> {
                        Input input =
                            trees(result)
                                .with(
                                    FrontendAttestations.with(
                                        FrontendAttestations.of(result), statements));
                        ExportSession session =
                            new ExportSession(
                                request.sessionId(),
                                request.ref(),
                                wayOut.caches().inline(solved(build, result), sessions, shown),
                                CompatibilityVersion.of(request.compatibility()));
                        return all.run(
                            input,
                            new Exports.Run(
                                session, sessions, shown, recorded.recording(), warnings));
                      },
                      () -> evaluate(result)));
        } finally {
          recorded.recording().ifPresent(kept -> remember(kept, provenance, attest));
        }
        response.putAll(
            wayOut.caches().run(solved(build, result), request.sessionId(), sessions, shown));
        if (request.asksForExports()) {
          ExporterClient.finish(rooms.sessions().require(request.sessionId()), response);
        }
        return response;
      } finally {
        builds.unregister(build);
      }
    }
  }

  private FallbackScan scan(SbomRequest wanted, BuildRequest request) {
    return new FallbackScan(
        wanted, rooms.workers().platforms().getFirst(), request.frontendOptions());
  }

  /// Since when a build runs, and what the machine did since.
  private record Observed(Instant started, Supplier<List<MachineSample>> machine) {}

  private ResultProvenance provenance(
      Build build, BuildRequest request, FrontendResult result, Observed observed) {
    ResultProvenance.Facts facts =
        new ResultProvenance.Facts(
            RandomId.next(),
            observed.started(),
            rooms.provenance().dockerfileVersion(),
            rooms.provenance().environment(),
            new LayerCompressor(rooms.kernel()).libraries(),
            CompatibilityVersion.of(request.compatibility()).number(),
            observed.machine(),
            rooms.clock());
    return new ResultProvenance(build.trace(), definitions(), facts, result);
  }

  private DefinitionCapture definitions() {
    return new DefinitionCapture(rooms.provenance().pins());
  }

  /// The history tells where every result came from, whether or not the build asked for it. Trouble
  /// with that fails no build.
  private static void remember(
      BuildRecording recording, ResultProvenance provenance, AttestationRequest attest) {
    try {
      provenance
          .ofHistory(attest.builderId())
          .forEach(
              (platform, predicate) ->
                  recording.attested(
                      platform, ProvenanceOptions.Version.V1.predicateType(), predicate));
    } catch (Cancelled cancelled) {
      LOG.debug("no provenance is kept of a build that is cancelled", cancelled);
    } catch (BuildFailure failed) {
      LOG.warn("no provenance is kept of a build: {}", failed.text());
    }
  }

  /// What else the client wants, now that it can look at the result.
  private List<BuildRequest.ExporterRequest> wantedByClient(
      BuildRequest request, FrontendResult result) {
    List<String> ids =
        Stream.concat(
                result.single().stream(), result.refs().values().stream().flatMap(Optional::stream))
            .map(FrontendRef::id)
            .toList();
    return ExporterClient.find(
            rooms.sessions().require(request.sessionId()), result.metadata(), ids)
        .stream()
        .map(wanted -> new BuildRequest.ExporterRequest(wanted.type(), wanted.attributes()))
        .toList();
  }

  /// The events of a build, from its start; of a build that runs or ended not long ago. Caller
  /// closes.
  public Optional<ProgressReader> events(String ref) {
    return logs.read(ref, Duration.ZERO);
  }

  /// The events of a build that is about to be requested. Caller closes.
  ///
  /// @throws NotFound no such build came
  public ProgressReader awaitEvents(String ref) {
    return logs.read(ref, STATUS_PATIENCE).orElseThrow(() -> new NotFound("no such job " + ref));
  }

  /// Where gateway calls find their builds.
  public GatewayBuild.Registry gatewayBuilds() {
    return builds;
  }

  /// When the oldest of the builds that run now began.
  public Optional<Instant> oldestStart() {
    return underWay.oldest();
  }

  public int running() {
    return builds.count();
  }

  private Build open(BuildRequest request, Entitlements entitlements, BuildLogs.Open log) {
    Job<LlbVertex, RefResult> job = graph.openJob(new JobId(request.ref()), log.sink());
    SessionGroup sessions = sessionsOf(request);
    FetchContext context = JobSessions.quietContext(sessions, rooms.clock());
    TreeReader reader = new TreeReader(rooms.kernel(), context);
    BuildBridge.Surroundings surroundings =
        new BuildBridge.Surroundings(
            rooms.loader(),
            rooms.frontends(),
            rooms.metadata(),
            reader,
            options(request),
            progress -> rooms.jobSessions().fetchContext(new JobId(request.ref()), progress),
            verifier(request),
            entitlements,
            access(request),
            producers.open(),
            definitions(),
            new BuildContainer.Surroundings(
                rooms.services(), context, reader, entitlements, () -> proxy(request)),
            log.sink(),
            rooms.clock());
    CacheImports imports = new CacheImports(rooms.caches(), rooms.refs());
    ShownWork shown = new ShownWork(log.sink(), rooms.clock());
    return new Build(
        request, job, surroundings, wanted -> imports.take(wanted, job, sessions, shown));
  }

  private NetworkAccess access(BuildRequest request) {
    return NetworkAccess.of(request.proxyNetwork() || rooms.proxyNetwork());
  }

  private Optional<NetworkProxy> proxy(BuildRequest request) {
    return switch (access(request)) {
      case DIRECT -> Optional.empty();
      case PROXIED ->
          Optional.of(rooms.services().networks().proxy(() -> List.of(new JobId(request.ref()))));
    };
  }

  private FrontendResult result(Build build, BuildRequest request) {
    if (request.definition().isPresent()) {
      Definition definition = request.definition().get();
      return FrontendResult.of(build.bridge().solveNow(definition), new LinkedHashMap<>());
    }
    if (request.frontend().isPresent()) {
      Frontend.Request asked = new Frontend.Request(request.frontendOptions(), request.inputs());
      return build.bridge().solve(request.frontend().get(), asked);
    }
    return build.awaitReturn();
  }

  private CacheExports.Solved solved(Build build, FrontendResult result) {
    return new CacheExports.Solved(
        build.job(), keys(result), rooms.nestedKeys().of(build.job().id()));
  }

  private LossRecovery recovery(FrontendResult result, SessionGroup sessions, BuildLogs.Open log) {
    return new LossRecovery(
        rooms.refs(),
        result.allRefs().stream().map(LlbSolver::own).toList(),
        sessions,
        log.sink(),
        rooms.clock());
  }

  /// Computes every result, and what holds statements about them, all at once.
  private static void evaluate(FrontendResult result) {
    try (TaskScope scope = TaskScope.open("evaluate results")) {
      result.single().ifPresent(ref -> scope.forkAction(ref::evaluate));
      result
          .refs()
          .values()
          .forEach(found -> found.ifPresent(ref -> scope.forkAction(ref::evaluate)));
      result.attestationRefs().forEach(ref -> scope.forkAction(ref::evaluate));
      scope.join();
    }
  }

  private static Input trees(FrontendResult result) {
    SequencedMap<String, Optional<ImmutableRef>> trees = new LinkedHashMap<>();
    result.refs().forEach((platform, ref) -> trees.put(platform, ref.flatMap(LlbSolver::tree)));
    return new Input(result.single().flatMap(LlbSolver::tree), trees, result.metadata());
  }

  private static Optional<ImmutableRef> tree(FrontendRef ref) {
    return own(ref).tree();
  }

  /// By which keys each result can be found again.
  private static SequencedMap<String, List<CacheKey>> keys(FrontendResult result) {
    SequencedMap<String, List<CacheKey>> keys = new LinkedHashMap<>();
    result.single().ifPresent(ref -> keys.put("", own(ref).solved().keys()));
    result
        .refs()
        .forEach(
            (platform, found) ->
                found.ifPresent(ref -> keys.put(platform, own(ref).solved().keys())));
    return keys;
  }

  private static BridgeRef own(FrontendRef ref) {
    if (ref instanceof BridgeRef own) {
      return own;
    }
    throw new InvalidRequest("result " + ref.id() + " is not of this build");
  }

  private Optional<Supplier<PolicyVerifier>> verifier(BuildRequest request) {
    return Optional.of(request.policies().session())
        .filter(id -> !id.isEmpty())
        .map(id -> () -> new PolicyVerifier(rooms.sessions().require(id).channel()));
  }

  private SessionGroup sessionsOf(BuildRequest request) {
    List<String> ids = request.sessionId().isEmpty() ? List.of() : List.of(request.sessionId());
    return new SessionGroup(rooms.sessions(), () -> ids);
  }

  private BuildOptions options(BuildRequest request) {
    List<WorkerInfo> infos =
        rooms.workers().all().stream()
            .map(worker -> new WorkerInfo(worker.id(), worker.labels(), worker.platforms()))
            .toList();
    return new BuildOptions(
        infos, OfferedCaps.LLB, OfferedCaps.FRONTEND, request.sessionId(), "slipway");
  }
}
