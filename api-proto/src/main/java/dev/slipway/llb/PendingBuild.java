package dev.slipway.llb;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;

final class PendingBuild implements PendingOp {
  private final State source;
  private final String filename;
  private final Constraints constraints;

  PendingBuild(State source, String filename, Constraints constraints) {
    this.source = source;
    this.filename = filename;
    this.constraints = constraints;
  }

  @Override
  public Constraints constraints() {
    return constraints;
  }

  @Override
  public List<State> uses() {
    return source.isScratch() ? List.of() : List.of(source);
  }

  @Override
  public Parts parts(Function<State, Optional<Input>> inputs, Constraints defaults) {
    InputList found = new InputList();
    BuildOp op =
        new BuildOp(
            OptionalInt.empty(),
            Map.of(BuildOp.DEFINITION_INPUT, found.add(inputs.apply(source))),
            Optional.empty(),
            filename.isEmpty() ? Map.of() : Map.of(BuildOp.FILENAME, filename));
    return new Parts(found.toList(), op, true, Set.of(Caps.BUILD_FILENAME));
  }
}
