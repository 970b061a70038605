package dev.slipway.op;

import dev.slipway.llb.MergeOp;
import dev.slipway.oci.Digest;
import dev.slipway.ref.ImmutableRef;
import dev.slipway.ref.RefDescription;
import dev.slipway.solver.CacheMap;
import dev.slipway.solver.CacheMap.Input;
import dev.slipway.solver.EvaluationContext;
import dev.slipway.solver.Evaluator;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// Lays trees over each other (surface reference 5.5). Nothing is made real: layers stay as they
/// are.
final class MergeOpEvaluator implements Evaluator<RefResult> {
  private final MergeOp op;
  private final LlbVertex vertex;
  private final OpServices services;

  MergeOpEvaluator(MergeOp op, LlbVertex vertex, OpServices services) {
    this.op = op;
    this.vertex = vertex;
    this.services = services;
  }

  static String json(MergeOp op) {
    return GoJson.object(
        json ->
            json.textAlways("Type", "buildkit.merge.v0")
                .raw(
                    "Merge",
                    GoJson.object(
                        merge ->
                            merge.objects("inputs", op.inputs(), MergeOpEvaluator::writeInput))));
  }

  static void writeInput(OptionalInt input, GoJson json) {
    json.number("input", input.orElse(-1));
  }

  @Override
  public CacheMap<RefResult> cacheMap(EvaluationContext context, int number) {
    List<Input<RefResult>> inputs = Collections.nCopies(vertex.inputCount(), Input.plain());
    return new CacheMap<>(Digest.ofText(json(op)), inputs, true, true);
  }

  @Override
  public List<RefResult> execute(EvaluationContext context, List<RefResult> inputs) {
    List<ImmutableRef> trees = new ArrayList<>();
    for (OptionalInt input : op.inputs()) {
      input.ifPresent(index -> inputs.get(index).ref().ifPresent(trees::add));
    }
    return List.of(
        switch (trees.size()) {
          case 0 -> RefResult.SCRATCH;
          case 1 -> RefResult.of(trees.getFirst().share());
          default ->
              new RefResult(
                  Optional.of(
                      services
                          .refs()
                          .merge(
                              trees,
                              RefDescription.regular(vertex.name()),
                              services.sessions().fetchContext(context))));
        });
  }

  @Override
  public Resource resource() {
    return Resource.UNBOUNDED;
  }
}
