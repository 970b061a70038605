package dev.slipway.failure;

import java.util.List;
import java.util.Optional;

/// Bytes are not what they claim to be: a digest mismatch, torn metadata.
public final class CorruptData extends BuildFailure {
  private static final long serialVersionUID = 1;

  public CorruptData(String message) {
    this(message, Optional.empty(), List.of());
  }

  public CorruptData(String message, Throwable cause) {
    this(message, Optional.of(cause), List.of());
  }

  public CorruptData(String message, Fact fact) {
    this(message, Optional.empty(), List.of(fact));
  }

  CorruptData(String message, Optional<Throwable> cause, List<Fact> facts) {
    super(message, cause, facts);
  }

  @Override
  public FailureKind kind() {
    return FailureKind.CORRUPT_DATA;
  }

  @Override
  BuildFailure copy(String message, List<Fact> newFacts) {
    return new CorruptData(message, Optional.of(this), newFacts);
  }
}
