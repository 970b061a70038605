package dev.slipway.op;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Cancelled;
import dev.slipway.failure.Fact;
import dev.slipway.failure.Fact.SolveInputs;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.llb.FileAction;
import dev.slipway.llb.FileOp;
import dev.slipway.op.FileCacheMap.InputPart;
import dev.slipway.op.file.FileActions;
import dev.slipway.ref.ImmutableRef;
import dev.slipway.solver.CacheMap;
import dev.slipway.solver.CacheMap.Input;
import dev.slipway.solver.EvaluationContext;
import dev.slipway.solver.Evaluator;
import dev.slipway.solver.JobId;
import dev.slipway.task.Interruption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/// Changes files without running a process: a chain of actions on trees.
final class FileOpEvaluator implements Evaluator<RefResult> {
  private final FileOp op;
  private final LlbVertex vertex;
  private final OpServices services;

  FileOpEvaluator(FileOp op, LlbVertex vertex, OpServices services) {
    this.op = op;
    this.vertex = vertex;
    this.services = services;
  }

  @Override
  public CacheMap<RefResult> cacheMap(EvaluationContext context, int number) {
    InputKeys keys = InputKeys.of(vertex, services);
    List<Input<RefResult>> inputs = new ArrayList<>();
    for (InputPart part : FileCacheMap.inputs(op, vertex.inputCount())) {
      inputs.add(keys.selected(inputs.size(), part.selector(), part.content()));
    }
    return new CacheMap<>(FileCacheMap.digest(op, vertex.inputCount()), inputs, true, true);
  }

  @Override
  public List<RefResult> execute(EvaluationContext context, List<RefResult> inputs) {
    Plan plan = Plan.of(op, inputs.size());
    FileActions actions = new FileActions(services.workers().first().storage().kernel());
    try (FileTrees trees =
        new FileTrees(
            services.refs(),
            inputs,
            plan.uses(),
            vertex.name(),
            services.sessions().fetchContext(context))) {
      for (int i = 0; i < op.actions().size(); i++) {
        if (plan.needed().contains(i)) {
          Interruption.check();
          FileAction action = op.actions().get(i);
          try {
            trees.change(i, action, actions);
          } catch (Cancelled cancelled) {
            throw cancelled;
          } catch (BuildFailure failure) {
            int failed = i;
            throw FailedStates.added(
                failure, () -> statesToDebug(failed, inputs, trees, context.jobs()));
          }
        }
      }
      return trees.outputs(plan.outputs());
    }
  }

  private SolveInputs statesToDebug(
      int action, List<RefResult> inputs, FileTrees trees, List<JobId> jobs) {
    FailedStates states = services.failedStates();
    List<Optional<ImmutableRef>> after =
        trees.failed(action, op.actions().get(action), op.actions().size());
    return new SolveInputs(
        inputs.stream().map(input -> states.keep(jobs, input.ref())).toList(),
        after.stream().map(tree -> states.keep(jobs, tree)).toList(),
        vertex.vertex().encoded().toByteArray(),
        Optional.of(new Fact.Subject.FileAction(action)),
        "");
  }

  @Override
  public Resource resource() {
    return Resource.STEP;
  }

  /// Which actions count, how often each tree is used, and which trees are the outputs. Trees are
  /// numbered as on the wire: the inputs, then one an action.
  ///
  /// @param needed numbers of the actions that some output depends on
  /// @param uses by tree
  /// @param outputs tree of each output, in order
  record Plan(Set<Integer> needed, int[] uses, List<Integer> outputs) {
    static Plan of(FileOp op, int inputCount) {
      List<FileAction> actions = op.actions();
      int[] uses = new int[inputCount + actions.size()];
      Integer[] outputs = new Integer[actions.size()];
      int outputCount = 0;
      for (int i = 0; i < actions.size(); i++) {
        FileAction.Place at = actions.get(i).at();
        requireEarlier(at.input(), inputCount + i);
        requireEarlier(at.secondaryInput(), inputCount + i);
        if (at.output().isPresent()) {
          int output = at.output().getAsInt();
          if (output >= outputs.length) {
            throw new InvalidRequest("invalid output index " + output);
          }
          if (outputs[output] != null) {
            throw new InvalidRequest("duplicate output " + output);
          }
          outputs[output] = inputCount + i;
          outputCount++;
        }
      }
      if (outputCount == 0) {
        throw new InvalidRequest("no outputs specified");
      }
      Set<Integer> needed = new HashSet<>();
      List<Integer> trees = new ArrayList<>();
      for (int output = 0; output < outputCount; output++) {
        if (outputs[output] == null) {
          throw new InvalidRequest("missing output index " + output);
        }
        trees.add(outputs[output]);
        uses[outputs[output]] += 2;
        needed.add(outputs[output] - inputCount);
      }
      for (int i = actions.size() - 1; i >= 0; i--) {
        if (needed.contains(i)) {
          trees(actions.get(i))
              .forEach(
                  tree -> {
                    uses[tree]++;
                    if (tree >= inputCount) {
                      needed.add(tree - inputCount);
                    }
                  });
        }
      }
      return new Plan(needed, uses, trees);
    }

    private static void requireEarlier(OptionalInt tree, int limit) {
      if (tree.isPresent() && tree.getAsInt() >= limit) {
        throw new InvalidRequest(
            "invalid input index " + tree.getAsInt() + ", " + limit + " provided");
      }
    }

    /// Every tree that the action reads or changes, once a use.
    private static List<Integer> trees(FileAction action) {
      List<Integer> trees = new ArrayList<>();
      action.at().input().ifPresent(trees::add);
      action.at().secondaryInput().ifPresent(trees::add);
      FileTrees.ownerTrees(action).forEach(trees::add);
      return trees;
    }
  }
}
