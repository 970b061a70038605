package dev.slipway.op;

import dev.slipway.failure.Exhausted;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.NotFound;
import dev.slipway.kernel.FileAttributes;
import dev.slipway.kernel.Kernel;
import dev.slipway.kernel.Kernel.LastLink;
import dev.slipway.llb.BuildOp;
import dev.slipway.oci.Digest;
import dev.slipway.ref.FetchContext;
import dev.slipway.snapshot.Mounter.MountedTree;
import dev.slipway.solver.CacheMap;
import dev.slipway.solver.CacheMap.Input;
import dev.slipway.solver.EvaluationContext;
import dev.slipway.solver.Evaluator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;

/// Solves the definition that a file of an input holds (surface reference 3.2, 5.5).
final class BuildOpEvaluator implements Evaluator<RefResult> {
  private static final long LARGEST_DEFINITION = 16L << 20;

  private final BuildOp op;
  private final LlbVertex vertex;
  private final OpServices services;

  BuildOpEvaluator(BuildOp op, LlbVertex vertex, OpServices services) {
    this.op = op;
    this.vertex = vertex;
    this.services = services;
  }

  static String json(BuildOp op) {
    return GoJson.object(
        json ->
            json.textAlways("Type", "buildkit.build.v0")
                .raw("Exec", GoJson.object(build -> writeOp(op, build))));
  }

  private static void writeOp(BuildOp op, GoJson json) {
    json.number("builder", op.builder().orElse(-1));
    if (!op.inputs().isEmpty()) {
      json.raw(
          "inputs",
          GoJson.object(
              inputs ->
                  op.inputs()
                      .forEach(
                          (name, input) ->
                              inputs.raw(
                                  name,
                                  GoJson.object(one -> MergeOpEvaluator.writeInput(input, one))))));
    }
    if (!op.attributes().isEmpty()) {
      json.raw(
          "attrs", GoJson.object(attributes -> op.attributes().forEach(attributes::textAlways)));
    }
  }

  @Override
  public CacheMap<RefResult> cacheMap(EvaluationContext context, int number) {
    InputKeys keys = InputKeys.of(vertex, services);
    List<Input<RefResult>> inputs = Collections.nCopies(vertex.inputCount(), keys.real());
    return new CacheMap<>(Digest.ofText(json(op)), inputs, true, true);
  }

  @Override
  public List<RefResult> execute(EvaluationContext context, List<RefResult> inputs) {
    if (op.builder().isPresent()) {
      throw new InvalidRequest("only LLB builder is currently allowed");
    }
    OptionalInt holder = op.inputs().get(BuildOp.DEFINITION_INPUT);
    if (holder == null || holder.isEmpty()) {
      throw new InvalidRequest("no llb definition input " + BuildOp.DEFINITION_INPUT + " found");
    }
    byte[] definition =
        read(inputs.get(holder.getAsInt()), services.sessions().fetchContext(context));
    return List.of(services.nested().solve(definition, context));
  }

  private byte[] read(RefResult holder, FetchContext context) {
    String name = op.attributes().getOrDefault(BuildOp.FILENAME, BuildOp.DEFINITION_INPUT);
    Kernel kernel = services.workers().first().storage().kernel();
    if (holder.ref().isEmpty()) {
      throw new NotFound("failed to open " + name + ": no such file or directory");
    }
    try (MountedTree tree = holder.ref().get().openTree(context)) {
      Path file = kernel.resolveInRoot(tree.root(), name, LastLink.FOLLOW);
      FileAttributes attributes = kernel.attributes(file);
      if (!attributes.isFile()) {
        throw new InvalidRequest(name + " is not a regular file");
      }
      if (attributes.bytes() > LARGEST_DEFINITION) {
        throw new Exhausted(
            "the definition in "
                + name
                + " has "
                + attributes.bytes()
                + " bytes, more than "
                + LARGEST_DEFINITION);
      }
      return Files.readAllBytes(file);
    } catch (IOException unreadable) {
      throw new InvalidRequest(
          "failed to open " + name + ": " + unreadable.getMessage(), unreadable);
    }
  }

  @Override
  public Resource resource() {
    return Resource.UNBOUNDED;
  }
}
