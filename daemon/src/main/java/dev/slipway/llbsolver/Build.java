package dev.slipway.llbsolver;

import dev.slipway.failure.BuildFailure;
import dev.slipway.frontend.FrontendRef;
import dev.slipway.frontend.FrontendResult;
import dev.slipway.frontend.gateway.GatewayBuild;
import dev.slipway.frontend.gateway.GatewayContainers;
import dev.slipway.llb.Definition;
import dev.slipway.llbsolver.BuildRequest.CacheOption;
import dev.slipway.op.LlbVertex;
import dev.slipway.op.RefResult;
import dev.slipway.provenance.FrontendCall;
import dev.slipway.ref.ImmutableRef;
import dev.slipway.solver.Job;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/// One build under way: its job in the graph, the results it has handed out, and what its frontend
/// gave back. Thread-safe.
final class Build implements GatewayBuild, AutoCloseable {
  private final BuildRequest request;
  private final Job<LlbVertex, RefResult> job;
  private final Map<String, BridgeRef> refs = new ConcurrentHashMap<>();
  private final RequestTrace trace;
  private final Producers.Book producers;
  private final Consumer<CacheOption> imports;
  private final BuildBridge bridge;
  private final BuildContainer.Surroundings containerSurroundings;
  private final BuildContainers containers;
  private final FrontendAnswer answer = new FrontendAnswer();

  /// @param imports has the job look into a cache
  Build(
      BuildRequest request,
      Job<LlbVertex, RefResult> job,
      BuildBridge.Surroundings surroundings,
      Consumer<CacheOption> imports) {
    this.imports = imports;
    this.request = request;
    this.job = job;
    this.producers = surroundings.producers();
    this.trace = RequestTrace.ofClient(drivenFor(request, producers));
    this.bridge = new BuildBridge(this, surroundings, trace);
    this.containerSurroundings = surroundings.containers();
    this.containers = new BuildContainers(containerSurroundings, this::held);
  }

  /// What a client asks that then drives the build itself.
  static Optional<FrontendCall> drivenFor(BuildRequest request, Producers.Book producers) {
    boolean says = !request.frontendOptions().isEmpty() || !request.inputs().isEmpty();
    if (!says || request.frontend().isPresent() || request.definition().isPresent()) {
      return Optional.empty();
    }
    return Optional.of(
        new FrontendCall("", request.frontendOptions(), producers.of(request.inputs())));
  }

  /// A hold on a result of this build, or on a state that a failed op of it left.
  private Optional<RefResult> held(String id) {
    Optional<RefResult> failed = containerSurroundings.services().failedStates().find(job.id(), id);
    return failed.isPresent()
        ? failed
        : Optional.ofNullable(refs.get(id))
            .map(ref -> new RefResult(ref.realTree().map(ImmutableRef::share)));
  }

  @Override
  public GatewayContainers containers() {
    return containers;
  }

  String ref() {
    return request.ref();
  }

  BuildRequest request() {
    return request;
  }

  SourcePolicies policies() {
    return bridge.policies();
  }

  Job<LlbVertex, RefResult> job() {
    return job;
  }

  RequestTrace trace() {
    return trace;
  }

  /// Has all that is solved from now on looked up in that cache too.
  void importCache(CacheOption wanted) {
    imports.accept(wanted);
  }

  /// Remembers a result so that it can be asked for by id, and is released when the build ends.
  BridgeRef keep(BridgeRef ref) {
    refs.put(ref.id(), ref);
    return ref;
  }

  @Override
  public BuildBridge bridge() {
    return bridge;
  }

  @Override
  public Map<String, Definition> inputs() {
    return request.inputs();
  }

  @Override
  public Optional<FrontendRef> findRef(String id) {
    return Optional.ofNullable(refs.get(id));
  }

  /// A part of this build that a frontend in a container drives.
  ///
  /// @param opener answers what that frontend asks
  ContainedBuild contained(Map<String, Definition> definitions, BuildBridge opener) {
    return new ContainedBuild(
        this, opener, definitions, new BuildContainers(containerSurroundings, this::held));
  }

  @Override
  public void giveBack(FrontendResult result) {
    answer.give(result);
  }

  @Override
  public void giveBack(BuildFailure failure) {
    answer.give(failure);
  }

  /// Waits for the client that drives this build to return.
  FrontendResult awaitReturn() {
    return answer.await();
  }

  /// Ends the job and gives up every result. Work that no other build wants stops.
  @Override
  public void close() {
    try {
      containers.close();
    } finally {
      producers.close();
      try {
        refs.values().forEach(BridgeRef::close);
      } finally {
        job.close();
      }
    }
  }
}
