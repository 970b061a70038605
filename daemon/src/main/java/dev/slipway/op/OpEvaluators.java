package dev.slipway.op;

import dev.slipway.failure.InvalidRequest;
import dev.slipway.llb.BuildOp;
import dev.slipway.llb.DiffOp;
import dev.slipway.llb.ExecOp;
import dev.slipway.llb.FileOp;
import dev.slipway.llb.MergeOp;
import dev.slipway.llb.PassthroughOp;
import dev.slipway.llb.SourceOp;
import dev.slipway.solver.EvaluationContext;
import dev.slipway.solver.Evaluator;
import dev.slipway.solver.Vertex;
import dev.slipway.source.Source;

/// Which evaluator for which op. Thread-safe.
public final class OpEvaluators implements Evaluator.Factory<LlbVertex, RefResult> {
  private final OpServices services;

  private final Pins pins;

  /// @param pins where it is noted what sources resolve to
  public OpEvaluators(OpServices services, Pins pins) {
    this.services = services;
    this.pins = pins;
  }

  @Override
  public Evaluator<RefResult> evaluatorOf(Vertex<LlbVertex> vertex, EvaluationContext context) {
    LlbVertex payload = vertex.payload();
    return switch (payload.op()) {
      case SourceOp op ->
          new SourceOpEvaluator(
              source(op).resolve(op, payload.platform()),
              services.sessions(),
              pin -> pins.note(vertex.digest(), pin));
      case ExecOp op ->
          new ExecOpEvaluator(
              op,
              payload,
              services,
              fetched -> pins.note(vertex.digest(), fetched),
              used -> pins.note(vertex.digest(), used));
      case FileOp op -> new FileOpEvaluator(op, payload, services);
      case MergeOp op -> new MergeOpEvaluator(op, payload, services);
      case DiffOp op -> new DiffOpEvaluator(op, payload, services);
      case BuildOp op -> new BuildOpEvaluator(op, payload, services);
      case PassthroughOp op -> new PassthroughOpEvaluator(op, payload);
    };
  }

  private Source source(SourceOp op) {
    if (op.scheme().isEmpty()) {
      throw new InvalidRequest("failed to parse " + op.identifier() + ": invalid, want scheme://…");
    }
    return services.sources().stream()
        .filter(source -> source.schemes().contains(op.scheme()))
        .findFirst()
        .orElseThrow(
            () ->
                new InvalidRequest(
                    "unknown scheme " + op.scheme() + ": not found, in " + op.identifier()));
  }
}
