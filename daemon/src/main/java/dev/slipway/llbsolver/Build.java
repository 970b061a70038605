package dev.slipway.llbsolver;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.WrongState;
import dev.slipway.frontend.FrontendBridge;
import dev.slipway.frontend.FrontendRef;
import dev.slipway.frontend.FrontendResult;
import dev.slipway.frontend.gateway.GatewayBuild;
import dev.slipway.llb.Definition;
import dev.slipway.llbsolver.BuildRequest.CacheOption;
import dev.slipway.op.LlbVertex;
import dev.slipway.op.RefResult;
import dev.slipway.solver.Job;
import dev.slipway.task.Interruption;
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
  private final Consumer<CacheOption> imports;
  private final BuildBridge bridge;
  private Optional<Returned> returned = Optional.empty();

  private sealed interface Returned {
    record Made(FrontendResult result) implements Returned {}

    record Failed(BuildFailure failure) implements Returned {}
  }

  /// @param imports has the job look into a cache
  Build(
      BuildRequest request,
      Job<LlbVertex, RefResult> job,
      BuildBridge.Surroundings surroundings,
      Consumer<CacheOption> imports) {
    this.imports = imports;
    this.request = request;
    this.job = job;
    this.bridge = new BuildBridge(this, surroundings);
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
  public FrontendBridge bridge() {
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

  @Override
  public void giveBack(FrontendResult result) {
    giveBack(new Returned.Made(result));
  }

  @Override
  public void giveBack(BuildFailure failure) {
    giveBack(new Returned.Failed(failure));
  }

  private synchronized void giveBack(Returned what) {
    if (returned.isPresent()) {
      throw new WrongState("the result of build " + ref() + " was returned already");
    }
    returned = Optional.of(what);
    notifyAll();
  }

  /// Waits for the client that drives this build to return.
  FrontendResult awaitReturn() {
    try {
      synchronized (this) {
        while (returned.isEmpty()) {
          wait();
        }
        return switch (returned.get()) {
          case Returned.Made made -> made.result();
          case Returned.Failed failed -> throw failed.failure();
        };
      }
    } catch (InterruptedException interrupted) {
      throw Interruption.cancelled(interrupted);
    }
  }

  /// Ends the job and gives up every result. Work that no other build wants stops.
  @Override
  public void close() {
    try {
      refs.values().forEach(BridgeRef::close);
    } finally {
      job.close();
    }
  }
}
