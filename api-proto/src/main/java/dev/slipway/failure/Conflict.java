package dev.slipway.failure;

import java.util.List;
import java.util.Optional;

/// Lost a race; redo the larger unit.
public final class Conflict extends BuildFailure {
  private static final long serialVersionUID = 1;

  public Conflict(String message) {
    this(message, Optional.empty(), List.of());
  }

  public Conflict(String message, Throwable cause) {
    this(message, Optional.of(cause), List.of());
  }

  public Conflict(String message, Fact fact) {
    this(message, Optional.empty(), List.of(fact));
  }

  Conflict(String message, Optional<Throwable> cause, List<Fact> facts) {
    super(message, cause, facts);
  }

  @Override
  public FailureKind kind() {
    return FailureKind.CONFLICT;
  }

  @Override
  BuildFailure copy(String message, List<Fact> newFacts) {
    return new Conflict(message, Optional.of(this), newFacts);
  }
}
