package dev.slipway.llb;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

final class PendingDiff implements PendingOp {
  private final State lower;
  private final State upper;
  private final Constraints constraints;

  PendingDiff(State lower, State upper, Constraints constraints) {
    this.lower = lower;
    this.upper = upper;
    this.constraints = constraints;
  }

  @Override
  public Constraints constraints() {
    return constraints;
  }

  @Override
  public List<State> uses() {
    return Stream.of(lower, upper).filter(state -> !state.isScratch()).toList();
  }

  @Override
  public Parts parts(Function<State, Optional<Input>> inputs, Constraints defaults) {
    List<Input> found = new ArrayList<>();
    OptionalInt lowerIndex = add(inputs.apply(lower), found);
    OptionalInt upperIndex = add(inputs.apply(upper), found);
    return new Parts(found, new DiffOp(lowerIndex, upperIndex), false, Set.of(Caps.DIFF));
  }

  private static OptionalInt add(Optional<Input> input, List<Input> found) {
    input.ifPresent(found::add);
    return input.isPresent() ? OptionalInt.of(found.size() - 1) : OptionalInt.empty();
  }
}
