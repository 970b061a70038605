package dev.slipway.failure;

import java.util.List;
import java.util.Optional;

/// The right request at the wrong moment; fix the state first.
public final class WrongState extends BuildFailure {
  private static final long serialVersionUID = 1;

  public WrongState(String message) {
    this(message, Optional.empty(), List.of());
  }

  public WrongState(String message, Throwable cause) {
    this(message, Optional.of(cause), List.of());
  }

  public WrongState(String message, Fact fact) {
    this(message, Optional.empty(), List.of(fact));
  }

  WrongState(String message, Optional<Throwable> cause, List<Fact> facts) {
    super(message, cause, facts);
  }

  @Override
  public FailureKind kind() {
    return FailureKind.WRONG_STATE;
  }

  @Override
  BuildFailure copy(String message, List<Fact> newFacts) {
    return new WrongState(message, Optional.of(this), newFacts);
  }
}
