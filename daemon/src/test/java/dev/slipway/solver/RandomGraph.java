package dev.slipway.solver;

import dev.slipway.failure.NotFound;
import dev.slipway.oci.Digest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// A graph of toy vertices drawn from a seed, with diamonds, shared stages, twins with equal keys,
/// content keys, several outputs, several cache maps, forced work and failures; and what each edge
/// must come to, computed one after the other.
final class RandomGraph {
  private static final String BROKEN = "broken";

  final List<ToyOp> ops = new ArrayList<>();
  private final Map<ToyOp, Optional<String>> expected = new HashMap<>();
  private final RandomGenerator random;
  private final Traits traits;

  /// What may occur beyond the harmless.
  record Traits(boolean outputs, boolean failures, boolean forced) {}

  RandomGraph(RandomGenerator random, int size, Traits traits) {
    this.random = random;
    this.traits = traits;
    for (int number = 0; number < size; number++) {
      add(number < 2 || random.nextInt(5) == 0 ? source(number) : step(number));
    }
  }

  /// Some edge, more often one near the top.
  Vertex.Edge<ToyOp> anyEdge(RandomGenerator drawing) {
    int index = Math.max(drawing.nextInt(ops.size()), drawing.nextInt(ops.size()));
    ToyOp op = ops.get(index);
    return op.edge(drawing.nextInt(op.outputs));
  }

  /// The value the edge must have; empty when it must fail.
  Optional<String> expected(Vertex.Edge<ToyOp> edge) {
    return expectedOf(edge.vertex().payload())
        .map(value -> edge.index() == 0 ? value : value + "#" + edge.index());
  }

  private void add(ToyOp op) {
    if (traits.forced() && random.nextInt(12) == 0) {
      op.ignoringCache();
    }
    if (op.keySeeds.getFirst().startsWith(BROKEN)) {
      op.executing(
          _ -> {
            throw new NotFound("broken " + op.name);
          });
      expected.put(op, Optional.empty());
    } else {
      List<Optional<String>> inputs = op.inputs.stream().map(this::expected).toList();
      expected.put(
          op,
          inputs.stream().allMatch(Optional::isPresent)
              ? Optional.of(op.function.apply(inputs.stream().map(Optional::get).toList()))
              : Optional.empty());
    }
    ops.add(op);
  }

  private Optional<String> expectedOf(ToyOp op) {
    return Optional.ofNullable(expected.get(op)).orElseThrow();
  }

  /// Sources with one key have one value; several keys may have the same value.
  private ToyOp source(int number) {
    int kind = random.nextInt(6);
    ToyOp op = ToyOp.constant("source" + number, "value" + kind / 2).keyedBy("key" + kind);
    return switch (random.nextInt(4)) {
      case 0 -> op.keyedBy("manifest" + number, "key" + kind);
      case 1 -> op.keyedBy("session" + number).unshareable();
      default -> op;
    };
  }

  /// Steps with one key do the same to equal inputs.
  private ToyOp step(int number) {
    String kind =
        traits.failures() && random.nextInt(20) == 0 ? BROKEN : "step" + random.nextInt(4);
    ToyOp op = ToyOp.join("name" + number).keyedBy(kind);
    int inputs = 1 + random.nextInt(3);
    op.keyedBy(kind + "/" + inputs);
    for (int input = 0; input < inputs; input++) {
      op.on(anyEdge(random));
      if (random.nextInt(3) == 0) {
        op.byContentOf(input);
      }
      switch (random.nextInt(8)) {
        case 0, 1 -> op.preparing(input);
        case 2 -> op.reading(input);
        default -> {}
      }
    }
    if (random.nextInt(3) == 0) {
      op.composing();
    }
    op.function =
        values -> kind + ":" + Digest.ofText(String.join(",", values)).hex().substring(0, 12);
    return op.withOutputs(traits.outputs() ? 3 : 1)
        .taking(Evaluator.Resource.values()[random.nextInt(3)]);
  }
}
