package dev.slipway.failure;

import java.util.List;
import java.util.Optional;

/// No or wrong credentials.
public final class Unauthenticated extends BuildFailure {
  private static final long serialVersionUID = 1;

  public Unauthenticated(String message) {
    this(message, Optional.empty(), List.of());
  }

  public Unauthenticated(String message, Throwable cause) {
    this(message, Optional.of(cause), List.of());
  }

  public Unauthenticated(String message, Fact fact) {
    this(message, Optional.empty(), List.of(fact));
  }

  Unauthenticated(String message, Optional<Throwable> cause, List<Fact> facts) {
    super(message, cause, facts);
  }

  @Override
  public FailureKind kind() {
    return FailureKind.UNAUTHENTICATED;
  }

  @Override
  BuildFailure copy(String message, List<Fact> newFacts) {
    return new Unauthenticated(message, Optional.of(this), newFacts);
  }
}
