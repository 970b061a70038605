package dev.slipway.llb;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

final class PendingPassthrough implements PendingOp {
  private final String id;
  private final List<State> states;
  private final Constraints constraints;

  PendingPassthrough(String id, List<State> states, Constraints constraints) {
    this.id = id;
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
    List<Input> found = states.stream().map(state -> inputs.apply(state).orElseThrow()).toList();
    return new Parts(found, new PassthroughOp(id, List.of(0)), false, Set.of(Caps.PASSTHROUGH));
  }
}
