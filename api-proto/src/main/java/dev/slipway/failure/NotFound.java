package dev.slipway.failure;

import java.util.List;
import java.util.Optional;

/// The named thing is absent.
public final class NotFound extends BuildFailure {
  private static final long serialVersionUID = 1;

  public NotFound(String message) {
    this(message, Optional.empty(), List.of());
  }

  public NotFound(String message, Throwable cause) {
    this(message, Optional.of(cause), List.of());
  }

  public NotFound(String message, Fact fact) {
    this(message, Optional.empty(), List.of(fact));
  }

  NotFound(String message, Optional<Throwable> cause, List<Fact> facts) {
    super(message, cause, facts);
  }

  @Override
  public FailureKind kind() {
    return FailureKind.NOT_FOUND;
  }

  @Override
  BuildFailure copy(String message, List<Fact> newFacts) {
    return new NotFound(message, Optional.of(this), newFacts);
  }
}
