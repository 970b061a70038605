package dev.slipway.op;

import dev.slipway.failure.InvalidRequest;
import dev.slipway.llb.PassthroughOp;
import dev.slipway.oci.Digest;
import dev.slipway.solver.CacheMap;
import dev.slipway.solver.CacheMap.Input;
import dev.slipway.solver.EvaluationContext;
import dev.slipway.solver.Evaluator;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// Hands inputs on as they are (surface reference 5.5).
final class PassthroughOpEvaluator implements Evaluator<RefResult> {
  private final PassthroughOp op;
  private final LlbVertex vertex;

  PassthroughOpEvaluator(PassthroughOp op, LlbVertex vertex) {
    this.op = op;
    this.vertex = vertex;
  }

  static String json(PassthroughOp op) {
    return GoJson.object(
        json ->
            json.textAlways("Type", "buildkit.passthrough.v0")
                .raw(
                    "Passthrough",
                    GoJson.object(
                        inner -> inner.text("id", op.id()).numbers("outputs", op.outputs()))));
  }

  @Override
  public CacheMap<RefResult> cacheMap(EvaluationContext context, int number) {
    List<Input<RefResult>> inputs = Collections.nCopies(vertex.inputCount(), Input.plain());
    return new CacheMap<>(Digest.ofText(json(op)), inputs, true, true);
  }

  @Override
  public List<RefResult> execute(EvaluationContext context, List<RefResult> inputs) {
    for (int index : op.outputs()) {
      if (index < 0 || index >= inputs.size()) {
        throw new InvalidRequest("invalid passthrough output input index " + index);
      }
    }
    List<RefResult> outputs = new ArrayList<>();
    op.outputs().forEach(index -> outputs.add(inputs.get(index).share()));
    return outputs;
  }

  @Override
  public Resource resource() {
    return Resource.UNBOUNDED;
  }
}
