package dev.slipway.llb;

import dev.slipway.failure.InvalidRequest;
import java.util.List;
import java.util.Optional;

/// A tree that a definition will produce: scratch, or one output of an op. Immutable; nothing is
/// encoded before [#define(Constraints)].
///
/// The definitions are, byte for byte, those of the reference's client library, capability marks
/// included, so that results are found in caches made by others.
public final class State {
  private static final State SCRATCH = new State(Optional.empty(), 0);

  private final Optional<PendingOp> op;
  private final int output;

  private State(Optional<PendingOp> op, int output) {
    this.op = op;
    this.output = output;
  }

  /// The empty tree.
  public static State scratch() {
    return SCRATCH;
  }

  /// A tree from outside; see the factories of [SourceOps].
  public static State source(SourceOp source, Constraints constraints) {
    return output(new PendingSource(source, constraints), 0);
  }

  static State output(PendingOp op, int number) {
    return new State(Optional.of(op), number);
  }

  public boolean isScratch() {
    return op.isEmpty();
  }

  /// Runs a process on this state.
  public Execution run(ExecSpec spec, Constraints constraints) {
    PendingExec exec = new PendingExec(this, spec, constraints);
    return new Execution(this, exec);
  }

  /// Changes files of this state.
  ///
  /// @param changes not empty
  public State file(List<FileChange> changes, Constraints constraints) {
    if (changes.isEmpty()) {
      throw new InvalidRequest("action is required");
    }
    return output(new PendingFile(this, List.copyOf(changes), constraints), 0);
  }

  /// Lays states over each other, later ones on top. Scratch counts for nothing; fewer than two
  /// others are no merge at all.
  public static State merge(List<State> states, Constraints constraints) {
    List<State> kept = states.stream().filter(state -> !state.isScratch()).toList();
    return switch (kept.size()) {
      case 0 -> SCRATCH;
      case 1 -> kept.getFirst();
      default -> output(new PendingMerge(kept, constraints), 0);
    };
  }

  /// What `upper` changed in `lower`.
  public static State diff(State lower, State upper, Constraints constraints) {
    return lower.isScratch() ? upper : output(new PendingDiff(lower, upper, constraints), 0);
  }

  /// Runs the definition in a file of this state.
  ///
  /// @param filename empty: the usual one
  public State build(String filename, Constraints constraints) {
    return output(new PendingBuild(this, filename, constraints), 0);
  }

  /// Makes it wait for others: the first input is handed on.
  public static State passthrough(String id, List<State> inputs, Constraints constraints) {
    List<State> kept = inputs.stream().filter(state -> !state.isScratch()).toList();
    return output(new PendingPassthrough(id, kept, constraints), 0);
  }

  /// Encodes this state and all it is made of.
  ///
  /// @param defaults for ops that do not say otherwise; with a platform
  public Definition define(Constraints defaults) {
    return new StateEncoder(defaults).define(this);
  }

  Optional<PendingOp> op() {
    return op;
  }

  int number() {
    return output;
  }

  boolean isSameAs(State other) {
    return op.isPresent()
        && other.op.isPresent()
        && op.get() == other.op.get()
        && output == other.output;
  }

  /// A process that will run, and the states it leaves.
  public static final class Execution {
    private final State base;
    private final PendingExec exec;

    private Execution(State base, PendingExec exec) {
      this.base = base;
      this.exec = exec;
    }

    /// The root after the process; a read-only one is as before.
    public State root() {
      return exec.spec().readonlyRoot() ? base : output(exec, exec.outputOf(Mount.ROOT));
    }

    /// What the process left at a mount; a read-only one is as before.
    ///
    /// @throws InvalidRequest there is no such mount, or nothing of it is kept
    public State mount(String target) {
      for (ExecSpec.MountSpec mount : exec.spec().mounts()) {
        if (mount.target().equals(target)) {
          return mount.readonly() ? mount.source() : output(exec, exec.outputOf(target));
        }
      }
      throw new InvalidRequest("no mount " + target);
    }
  }
}
