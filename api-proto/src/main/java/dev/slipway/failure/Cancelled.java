package dev.slipway.failure;

import java.util.List;
import java.util.Optional;

/// The caller went away, or nobody needs this work any more.
public final class Cancelled extends BuildFailure {
  private static final long serialVersionUID = 1;

  public Cancelled(String message) {
    this(message, Optional.empty(), List.of());
  }

  public Cancelled(String message, Throwable cause) {
    this(message, Optional.of(cause), List.of());
  }

  public Cancelled(String message, Fact fact) {
    this(message, Optional.empty(), List.of(fact));
  }

  Cancelled(String message, Optional<Throwable> cause, List<Fact> facts) {
    super(message, cause, facts);
  }

  @Override
  public FailureKind kind() {
    return FailureKind.CANCELLED;
  }

  @Override
  BuildFailure copy(String message, List<Fact> newFacts) {
    return new Cancelled(message, Optional.of(this), newFacts);
  }
}
