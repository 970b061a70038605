package dev.slipway.session.testing;

import dev.slipway.api.control.ControlGrpc;
import dev.slipway.rpc.testing.LoopbackServer;
import dev.slipway.session.ConnectedSessions;
import dev.slipway.session.HealthPolicy;
import dev.slipway.session.SessionService;
import dev.slipway.task.Clock;
import io.grpc.BindableService;
import io.grpc.ManagedChannel;
import io.grpc.protobuf.services.HealthStatusManager;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// A daemon's session service on a socket in a test's folder, and clients of it.
public final class SessionFixture implements AutoCloseable {
  private final List<LoopbackSession> clients = new ArrayList<>();
  private final LoopbackServer server;
  private final ManagedChannel outer;
  private ConnectedSessions sessions;

  public SessionFixture(Path folder) {
    server =
        LoopbackServer.start(
            folder,
            around -> {
              sessions =
                  new ConnectedSessions(
                      around.loops().moving(),
                      around.handlers(),
                      Clock.system(),
                      new ConnectedSessions.Settings(
                          Duration.ofMillis(200), HealthPolicy.STANDARD));
              return List.of(
                  new SessionService(sessions)
                      .bindInto(new ControlGrpc.ControlImplBase() {}.bindService()));
            });
    outer = server.connect();
  }

  public ConnectedSessions sessions() {
    return sessions;
  }

  /// A client of these services, connected; closed with the fixture.
  public String connect(BindableService... services) {
    String id = "client" + clients.size();
    LoopbackSession client =
        LoopbackSession.open(
            outer, id, "shared", new HealthStatusManager().getHealthService(), services);
    clients.add(client);
    sessions.require(awaited(id));
    return id;
  }

  private String awaited(String id) {
    while (sessions.find(id).isEmpty()) {
      Thread.onSpinWait();
    }
    return id;
  }

  @Override
  public void close() {
    clients.forEach(LoopbackSession::close);
    outer.shutdownNow();
    sessions.close();
    server.close();
  }
}
