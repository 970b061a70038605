package dev.slipway.failure;

import java.util.List;
import java.util.Optional;

/// A build step's process ended with an exit code that does not count as success. The user's
/// failure, not ours.
public final class ProcessFailed extends BuildFailure {
  private static final long serialVersionUID = 1;

  private final int exitCode;

  /// @param exitCode 0 to 255; 255 also stands for "could not tell"
  public ProcessFailed(String message, int exitCode) {
    this(message, exitCode, Optional.empty(), List.of(new Fact.ExitedWith(exitCode, "")));
  }

  ProcessFailed(String message, int exitCode, Optional<Throwable> cause, List<Fact> facts) {
    super(message, cause, facts);
    this.exitCode = exitCode;
  }

  public int exitCode() {
    return exitCode;
  }

  @Override
  public FailureKind kind() {
    return FailureKind.PROCESS_FAILED;
  }

  @Override
  BuildFailure copy(String message, List<Fact> newFacts) {
    return new ProcessFailed(message, exitCode, Optional.of(this), newFacts);
  }
}
