package dev.slipway.op;

import dev.slipway.llb.DiffOp;
import dev.slipway.oci.Digest;
import dev.slipway.ref.ImmutableRef;
import dev.slipway.ref.RefDescription;
import dev.slipway.solver.CacheMap;
import dev.slipway.solver.CacheMap.Input;
import dev.slipway.solver.EvaluationContext;
import dev.slipway.solver.Evaluator;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// Takes what one tree changes on another (surface reference 5.5).
final class DiffOpEvaluator implements Evaluator<RefResult> {
  private final DiffOp op;
  private final LlbVertex vertex;
  private final OpServices services;

  DiffOpEvaluator(DiffOp op, LlbVertex vertex, OpServices services) {
    this.op = op;
    this.vertex = vertex;
    this.services = services;
  }

  static String json(DiffOp op) {
    return GoJson.object(
        json ->
            json.textAlways("Type", "buildkit.diff.v0")
                .raw(
                    "Diff",
                    GoJson.object(
                        diff ->
                            diff.raw(
                                    "lower",
                                    GoJson.object(
                                        lower -> MergeOpEvaluator.writeInput(op.lower(), lower)))
                                .raw(
                                    "upper",
                                    GoJson.object(
                                        upper ->
                                            MergeOpEvaluator.writeInput(op.upper(), upper))))));
  }

  @Override
  public CacheMap<RefResult> cacheMap(EvaluationContext context, int number) {
    List<Input<RefResult>> inputs = Collections.nCopies(vertex.inputCount(), Input.plain());
    return new CacheMap<>(Digest.ofText(json(op)), inputs, true, true);
  }

  @Override
  public List<RefResult> execute(EvaluationContext context, List<RefResult> inputs) {
    Optional<ImmutableRef> lower = tree(op.lower(), inputs);
    Optional<ImmutableRef> upper = tree(op.upper(), inputs);
    if (lower.isEmpty() && upper.isEmpty()) {
      return List.of(RefResult.SCRATCH);
    }
    if (lower.isEmpty()) {
      return List.of(RefResult.of(upper.orElseThrow().share()));
    }
    if (upper.isPresent() && upper.get().id().equals(lower.get().id())) {
      return List.of(RefResult.SCRATCH);
    }
    ImmutableRef diff =
        services
            .refs()
            .diff(
                lower,
                upper,
                RefDescription.regular(vertex.name()),
                services.sessions().fetchContext(context));
    return List.of(RefResult.of(diff));
  }

  private static Optional<ImmutableRef> tree(OptionalInt input, List<RefResult> inputs) {
    return input.isEmpty() ? Optional.empty() : inputs.get(input.getAsInt()).ref();
  }

  @Override
  public Resource resource() {
    return Resource.UNBOUNDED;
  }
}
