package dev.slipway.session;

import java.util.Optional;

/// Who is connected. Thread-safe.
public interface Sessions {
  /// The session of that id, waiting up to five seconds for it to connect (Solve may arrive before
  /// Session). A prefix up to a `:` is dropped.
  ///
  /// @throws dev.slipway.failure.NotFound `no active session for <id>`
  Session require(String id);

  /// Without waiting.
  Optional<Session> find(String id);
}
