package dev.slipway.op;

import dev.slipway.oci.Digest;
import dev.slipway.solver.CacheMap;
import dev.slipway.solver.EvaluationContext;
import dev.slipway.solver.Evaluator;
import dev.slipway.source.Source;
import java.util.List;
import java.util.function.Consumer;

/// Evaluates a source op by its source (surface reference 5.4).
final class SourceOpEvaluator implements Evaluator<RefResult> {
  private final Source.Resolution resolution;
  private final JobSessions sessions;
  private final Consumer<String> pinned;

  /// @param pinned told what the source resolved to
  SourceOpEvaluator(Source.Resolution resolution, JobSessions sessions, Consumer<String> pinned) {
    this.resolution = resolution;
    this.sessions = sessions;
    this.pinned = pinned;
  }

  @Override
  public CacheMap<RefResult> cacheMap(EvaluationContext context, int number) {
    Source.Key key = resolution.key(number, sessions.fetchContext(context));
    key.pin().ifPresent(pinned);
    Digest digest = Digest.ofText("buildkit.source.v0:" + key.text());
    return new CacheMap<>(digest, List.of(), key.last(), !key.text().startsWith("session:"));
  }

  @Override
  public List<RefResult> execute(EvaluationContext context, List<RefResult> inputs) {
    return List.of(new RefResult(resolution.open(sessions.fetchContext(context))));
  }

  @Override
  public Resource resource() {
    return Resource.UNBOUNDED;
  }
}
