package dev.slipway.llb;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;

final class PendingMerge implements PendingOp {
  private final List<State> states;
  private final Constraints constraints;

  PendingMerge(List<State> states, Constraints constraints) {
    this.states = states;
    this.constraints = constraints;
  }

  @Override
  public Constraints constraints() {
    return constraints;
  }

  @Override
  public List<State> uses() {
    return states;
  }

  @Override
  public Parts parts(Function<State, Optional<Input>> inputs, Constraints defaults) {
    List<Input> found = new ArrayList<>();
    List<OptionalInt> indexes = new ArrayList<>();
    for (State state : states) {
      indexes.add(OptionalInt.of(found.size()));
      found.add(inputs.apply(state).orElseThrow());
    }
    return new Parts(found, new MergeOp(indexes), false, Set.of(Caps.MERGE));
  }
}
