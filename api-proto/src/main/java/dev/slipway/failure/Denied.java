package dev.slipway.failure;

import java.util.List;
import java.util.Optional;

/// A known caller may not do this (an entitlement, a registry's 403).
public final class Denied extends BuildFailure {
  private static final long serialVersionUID = 1;

  public Denied(String message) {
    this(message, Optional.empty(), List.of());
  }

  public Denied(String message, Throwable cause) {
    this(message, Optional.of(cause), List.of());
  }

  public Denied(String message, Fact fact) {
    this(message, Optional.empty(), List.of(fact));
  }

  Denied(String message, Optional<Throwable> cause, List<Fact> facts) {
    super(message, cause, facts);
  }

  @Override
  public FailureKind kind() {
    return FailureKind.DENIED;
  }

  @Override
  BuildFailure copy(String message, List<Fact> newFacts) {
    return new Denied(message, Optional.of(this), newFacts);
  }
}
