package dev.slipway.ref.testing;

import dev.slipway.failure.NotFound;
import dev.slipway.session.Session;
import dev.slipway.session.Sessions;
import java.util.Optional;

/// Nobody is connected.
public final class NoSessions implements Sessions {
  @Override
  public Session require(String id) {
    throw new NotFound("no session " + id);
  }

  @Override
  public Optional<Session> find(String id) {
    return Optional.empty();
  }
}
