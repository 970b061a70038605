package dev.slipway.failure;

import java.util.List;
import java.util.Optional;

/// A peer or a worker is away; retrying this call may work.
public final class Unavailable extends BuildFailure {
  private static final long serialVersionUID = 1;

  public Unavailable(String message) {
    this(message, Optional.empty(), List.of());
  }

  public Unavailable(String message, Throwable cause) {
    this(message, Optional.of(cause), List.of());
  }

  public Unavailable(String message, Fact fact) {
    this(message, Optional.empty(), List.of(fact));
  }

  Unavailable(String message, Optional<Throwable> cause, List<Fact> facts) {
    super(message, cause, facts);
  }

  @Override
  public FailureKind kind() {
    return FailureKind.UNAVAILABLE;
  }

  @Override
  BuildFailure copy(String message, List<Fact> newFacts) {
    return new Unavailable(message, Optional.of(this), newFacts);
  }
}
