package dev.slipway.failure;

import java.util.List;
import java.util.Optional;

/// Disk, memory, quota or slots are used up.
public final class Exhausted extends BuildFailure {
  private static final long serialVersionUID = 1;

  public Exhausted(String message) {
    this(message, Optional.empty(), List.of());
  }

  public Exhausted(String message, Throwable cause) {
    this(message, Optional.of(cause), List.of());
  }

  public Exhausted(String message, Fact fact) {
    this(message, Optional.empty(), List.of(fact));
  }

  Exhausted(String message, Optional<Throwable> cause, List<Fact> facts) {
    super(message, cause, facts);
  }

  @Override
  public FailureKind kind() {
    return FailureKind.EXHAUSTED;
  }

  @Override
  BuildFailure copy(String message, List<Fact> newFacts) {
    return new Exhausted(message, Optional.of(this), newFacts);
  }
}
