package dev.slipway.failure;

import java.util.List;
import java.util.Optional;

/// The time allowed for this is over.
public final class TimedOut extends BuildFailure {
  private static final long serialVersionUID = 1;

  public TimedOut(String message) {
    this(message, Optional.empty(), List.of());
  }

  public TimedOut(String message, Throwable cause) {
    this(message, Optional.of(cause), List.of());
  }

  public TimedOut(String message, Fact fact) {
    this(message, Optional.empty(), List.of(fact));
  }

  TimedOut(String message, Optional<Throwable> cause, List<Fact> facts) {
    super(message, cause, facts);
  }

  @Override
  public FailureKind kind() {
    return FailureKind.TIMED_OUT;
  }

  @Override
  BuildFailure copy(String message, List<Fact> newFacts) {
    return new TimedOut(message, Optional.of(this), newFacts);
  }
}
