package dev.slipway.app;

import dev.slipway.api.control.ControlGrpc;
import dev.slipway.session.ConnectedSessions;
import dev.slipway.session.SessionService;
import io.grpc.BindableService;
import java.time.Duration;
import java.util.List;

/// Which rooms a daemon is made of, and how they are put together: read top to bottom, it is the architecture.
final class Wiring implements DaemonServices {
  private final ConnectedSessions sessions;

  private Wiring(ConnectedSessions sessions) {
    this.sessions = sessions;
  }

  /// Opens every room. Caller closes.
  static DaemonServices open(Foundation foundation) {
    return new Wiring(
        new ConnectedSessions(
            foundation.loops().moving(), foundation.handlers(), foundation.clock(), ConnectedSessions.Settings.STANDARD));
  }

  @Override
  public List<BindableService> services() {
    SessionService service = new SessionService(sessions);
    return List.of(() -> service.bindInto(new ControlGrpc.ControlImplBase() {}.bindService()));
  }

  @Override
  public void drain(Duration atMost) {
    // Sessions end with their builds.
  }

  @Override
  public void close() {
    sessions.close();
  }
}
