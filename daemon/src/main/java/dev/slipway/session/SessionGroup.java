package dev.slipway.session;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.NotFound;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/// The sessions that may answer for a piece of work: those of every build that wants it, at the
/// moment of asking. Immutable view over a changing list; thread-safe.
public final class SessionGroup {
  private final Sessions sessions;
  private final Supplier<List<String>> ids;

  /// @param ids read anew each time; the order is the order of asking
  public SessionGroup(Sessions sessions, Supplier<List<String>> ids) {
    this.sessions = sessions;
    this.ids = ids;
  }

  public List<String> ids() {
    return ids.get();
  }

  /// Asks one session after the other until one answers.
  ///
  /// @throws NotFound there is no session at all
  /// @throws BuildFailure the last failure, when all failed
  public <T> T any(Function<Session, T> question) {
    Optional<BuildFailure> last = Optional.empty();
    for (String id : ids.get()) {
      try {
        return question.apply(sessions.require(id));
      } catch (BuildFailure failure) {
        last = Optional.of(failure);
      }
    }
    throw last.orElseGet(() -> new NotFound("no active sessions"));
  }
}
