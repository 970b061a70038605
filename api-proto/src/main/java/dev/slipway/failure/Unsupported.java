package dev.slipway.failure;

import java.util.List;
import java.util.Optional;

/// A feature that is not built or not enabled.
public final class Unsupported extends BuildFailure {
  private static final long serialVersionUID = 1;

  public Unsupported(String message) {
    this(message, Optional.empty(), List.of());
  }

  public Unsupported(String message, Throwable cause) {
    this(message, Optional.of(cause), List.of());
  }

  public Unsupported(String message, Fact fact) {
    this(message, Optional.empty(), List.of(fact));
  }

  Unsupported(String message, Optional<Throwable> cause, List<Fact> facts) {
    super(message, cause, facts);
  }

  @Override
  public FailureKind kind() {
    return FailureKind.UNSUPPORTED;
  }

  @Override
  BuildFailure copy(String message, List<Fact> newFacts) {
    return new Unsupported(message, Optional.of(this), newFacts);
  }
}
