package dev.slipway.failure;

import java.util.List;
import java.util.Optional;

/// The caller's input is wrong, whatever our state.
public final class InvalidRequest extends BuildFailure {
  private static final long serialVersionUID = 1;

  public InvalidRequest(String message) {
    this(message, Optional.empty(), List.of());
  }

  public InvalidRequest(String message, Throwable cause) {
    this(message, Optional.of(cause), List.of());
  }

  public InvalidRequest(String message, Fact fact) {
    this(message, Optional.empty(), List.of(fact));
  }

  InvalidRequest(String message, Optional<Throwable> cause, List<Fact> facts) {
    super(message, cause, facts);
  }

  @Override
  public FailureKind kind() {
    return FailureKind.INVALID_REQUEST;
  }

  @Override
  BuildFailure copy(String message, List<Fact> newFacts) {
    return new InvalidRequest(message, Optional.of(this), newFacts);
  }
}
