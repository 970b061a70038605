package dev.slipway.failure;

import java.util.List;
import java.util.Optional;

/// The named thing is there already.
public final class AlreadyExists extends BuildFailure {
  private static final long serialVersionUID = 1;

  public AlreadyExists(String message) {
    this(message, Optional.empty(), List.of());
  }

  public AlreadyExists(String message, Throwable cause) {
    this(message, Optional.of(cause), List.of());
  }

  public AlreadyExists(String message, Fact fact) {
    this(message, Optional.empty(), List.of(fact));
  }

  AlreadyExists(String message, Optional<Throwable> cause, List<Fact> facts) {
    super(message, cause, facts);
  }

  @Override
  public FailureKind kind() {
    return FailureKind.ALREADY_EXISTS;
  }

  @Override
  BuildFailure copy(String message, List<Fact> newFacts) {
    return new AlreadyExists(message, Optional.of(this), newFacts);
  }
}
