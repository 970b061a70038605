package dev.slipway.llbsolver;

import com.google.protobuf.ByteString;
import dev.slipway.llb.Definition;
import dev.slipway.llb.LlbDecoder;
import dev.slipway.op.JobSessions;
import dev.slipway.op.LlbVertex;
import dev.slipway.op.NestedBuilds;
import dev.slipway.op.RefResult;
import dev.slipway.solver.EvaluationContext;
import dev.slipway.solver.Job.Solved;
import dev.slipway.solver.Solver;
import dev.slipway.solver.Vertex.Edge;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/// Solves definitions found inside a build in the same graph, with no more permissions than every
/// build that wants them has. Thread-safe.
public final class DefinitionBuilds implements NestedBuilds {
  private final VertexLoader loader;
  private final JobSessions jobs;
  private final JobPolicies policies;
  private final NestedKeys keys;

  /// The solver and its evaluators know each other; this is where the circle closes.
  private final CompletableFuture<Solver<LlbVertex, RefResult>> graph = new CompletableFuture<>();

  public DefinitionBuilds(
      VertexLoader loader, JobSessions jobs, JobPolicies policies, NestedKeys keys) {
    this.loader = loader;
    this.jobs = jobs;
    this.policies = policies;
    this.keys = keys;
  }

  /// Says in which graph to solve; once, before the first build.
  public void solveIn(Solver<LlbVertex, RefResult> solver) {
    graph.complete(solver);
  }

  @Override
  public RefResult solve(byte[] definition, EvaluationContext context) {
    NetworkAccess access = policies.access(context.jobs());
    Definition decoded =
        access.of(
            policies.apply(LlbDecoder.decode(ByteString.copyFrom(definition)), context.jobs()));
    Entitlements entitlements = new Entitlements(jobs.permissions(context.jobs()));
    Optional<Edge<LlbVertex>> edge = loader.load(decoded, entitlements, access);
    if (edge.isEmpty()) {
      return RefResult.SCRATCH;
    }
    try (Solved<RefResult> solved = graph.join().solveWithin(context, edge.get())) {
      keys.add(context.jobs(), solved.keys());
      return solved.result().share();
    }
  }
}
