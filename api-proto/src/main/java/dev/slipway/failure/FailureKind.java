package dev.slipway.failure;

/// The closed set of ways to fail; each says what the caller can do next.
public enum FailureKind {
  /// The caller's input is wrong whatever our state: change the input.
  INVALID_REQUEST,
  /// The named thing does not exist.
  NOT_FOUND,
  /// The named thing exists already.
  ALREADY_EXISTS,
  /// Known caller, not allowed.
  DENIED,
  /// No or wrong credentials.
  UNAUTHENTICATED,
  /// Right request at the wrong moment: fix the state first.
  WRONG_STATE,
  /// Lost a race: redo the larger unit of work.
  CONFLICT,
  /// Disk, memory, quota or slots are used up.
  EXHAUSTED,
  /// A peer or worker is away: retrying this call may work.
  UNAVAILABLE,
  /// Not built or not enabled.
  UNSUPPORTED,
  /// The caller went away or asked to stop.
  CANCELLED,
  /// The time allowed is over.
  TIMED_OUT,
  /// A build step ended with an exit code that is not a success: the user's failure.
  PROCESS_FAILED,
  /// Stored or received bytes are not what they claim to be.
  CORRUPT_DATA
}
