package dev.slipway.failure;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The root of all failures that Slipway reports on purpose. Anything else that is thrown is a bug.
///
/// Messages are lower case without a full stop and name the thing and the value; they never hold
/// secrets. A failure travels up unchanged but for added facts ([#with(Fact)]) and context in front
/// of the message ([#in(String)]).
public abstract sealed class BuildFailure extends RuntimeException
    permits AlreadyExists,
        Cancelled,
        Conflict,
        CorruptData,
        Denied,
        Exhausted,
        InvalidRequest,
        NotFound,
        ProcessFailed,
        TimedOut,
        Unauthenticated,
        Unavailable,
        Unsupported,
        WrongState {
  private static final long serialVersionUID = 1;

  private final transient List<Fact> facts;

  BuildFailure(String message, Optional<Throwable> cause, List<Fact> facts) {
    super(message, cause.orElse(null));
    this.facts = List.copyOf(facts);
  }

  public abstract FailureKind kind();

  /// What is known about where and how it failed, innermost first.
  public final List<Fact> facts() {
    return facts;
  }

  /// The first fact of that type, if there is one.
  public final <F extends Fact> Optional<F> fact(Class<F> type) {
    return facts.stream().filter(type::isInstance).map(type::cast).findFirst();
  }

  /// The same failure with one more fact. The original becomes the cause, so its stack is kept.
  public final BuildFailure with(Fact fact) {
    return copy(text(), Stream.concat(facts.stream(), Stream.of(fact)).toList());
  }

  /// The same failure with context put in front: `<context>: <message>`.
  public final BuildFailure in(String context) {
    return copy(context + ": " + text(), facts);
  }

  /// The message, never null.
  public final String text() {
    String message = getMessage();
    return message == null ? kind().name().toLowerCase(java.util.Locale.ROOT) : message;
  }

  /// A failure of the same kind (and kind-specific values) with other words and facts, caused by
  /// this one.
  abstract BuildFailure copy(String message, List<Fact> newFacts);

  /// Makes a failure of a kind that is only known at run time, for translators at the door.
  public static BuildFailure of(
      FailureKind kind, String message, Optional<Throwable> cause, List<Fact> facts) {
    return switch (kind) {
      case INVALID_REQUEST -> new InvalidRequest(message, cause, facts);
      case NOT_FOUND -> new NotFound(message, cause, facts);
      case ALREADY_EXISTS -> new AlreadyExists(message, cause, facts);
      case DENIED -> new Denied(message, cause, facts);
      case UNAUTHENTICATED -> new Unauthenticated(message, cause, facts);
      case WRONG_STATE -> new WrongState(message, cause, facts);
      case CONFLICT -> new Conflict(message, cause, facts);
      case EXHAUSTED -> new Exhausted(message, cause, facts);
      case UNAVAILABLE -> new Unavailable(message, cause, facts);
      case UNSUPPORTED -> new Unsupported(message, cause, facts);
      case CANCELLED -> new Cancelled(message, cause, facts);
      case TIMED_OUT -> new TimedOut(message, cause, facts);
      case PROCESS_FAILED -> new ProcessFailed(message, exitCode(facts), cause, facts);
      case CORRUPT_DATA -> new CorruptData(message, cause, facts);
    };
  }

  private static int exitCode(List<Fact> facts) {
    List<Integer> codes = new ArrayList<>();
    for (Fact fact : facts) {
      if (fact instanceof Fact.ExitedWith exited) {
        codes.add(exited.exitCode());
      }
    }
    return codes.isEmpty() ? 255 : codes.getFirst();
  }
}
