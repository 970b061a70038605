package dev.slipway.rpc;

import dev.slipway.failure.BuildFailure;
import io.grpc.ServerServiceDefinition;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.grpc.util.MutableHandlerRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// All listeners of a daemon, with the health and reflection services. Thread-safe once it serves.
public final class RpcServer implements AutoCloseable {
  private final List<Listener> listeners;
  private final MutableHandlerRegistry services;
  private final HealthStatusManager health;
  private final DrainGate gate;

  private RpcServer(
      List<Listener> listeners,
      MutableHandlerRegistry services,
      HealthStatusManager health,
      DrainGate gate) {
    this.listeners = List.copyOf(listeners);
    this.services = services;
    this.health = health;
    this.gate = gate;
  }

  /// @param tls of TCP listeners
  /// @param socketUid owner of unix sockets; empty: this process's
  /// @param socketGid group of unix sockets; empty: this process's
  /// @param insecureTcp what to do with TCP listeners when there is no `tls`
  public record Settings(
      List<ListenAddress> addresses,
      Optional<TlsFiles> tls,
      OptionalInt socketUid,
      OptionalInt socketGid,
      InsecureTcp insecureTcp,
      InheritedSockets inherited) {
    public Settings {
      addresses = List.copyOf(addresses);
    }

    UnixSocketFile.Owner owner() {
      return new UnixSocketFile.Owner(socketUid, socketGid);
    }
  }

  /// TCP without TLS.
  public enum InsecureTcp {
    /// Only on loopback addresses.
    REFUSED,
    /// The operator said so.
    ALLOWED
  }

  /// What calls run on; stays the caller's.
  public record Threads(EventLoops loops, HandlerThreads handlers) {}

  /// Makes what can be made before there are services: unix sockets are bound where nobody finds
  /// them yet. Nothing is answered before [#serve]. Caller closes.
  ///
  /// @param sessionMethod full name of the session tunnel's method, whose handler never blocks
  /// @throws BuildFailure an address cannot be listened on
  public static RpcServer prepare(Settings settings, Threads threads, String sessionMethod) {
    HealthStatusManager health = new HealthStatusManager();
    DrainGate gate = new DrainGate();
    MutableHandlerRegistry services = new MutableHandlerRegistry();
    Listener.Common common =
        new Listener.Common(
            settings,
            services,
            List.of(health.getHealthService(), ProtoReflectionServiceV1.newInstance()),
            threads.loops(),
            threads.handlers(),
            new FailureInterceptor(),
            gate,
            sessionMethod);
    List<Listener> prepared = new ArrayList<>();
    try {
      for (ListenAddress address : settings.addresses()) {
        prepared.add(Listener.prepare(address, common));
      }
    } catch (BuildFailure failure) {
      prepared.forEach(Listener::close);
      throw failure;
    }
    return new RpcServer(prepared, services, health, gate);
  }

  /// Listens everywhere, and answers with these services. Called once.
  ///
  /// @throws BuildFailure an address cannot be listened on; some may be already: close this
  public void serve(List<ServerServiceDefinition> offered) {
    offered.forEach(services::addService);
    listeners.forEach(Listener::listen);
  }

  /// Starts every listener, or none. Caller closes.
  ///
  /// @param sessionMethod full name of the session tunnel's method, whose handler never blocks
  /// @throws BuildFailure an address cannot be listened on
  public static RpcServer start(
      Settings settings,
      List<ServerServiceDefinition> services,
      Threads threads,
      String sessionMethod) {
    RpcServer server = prepare(settings, threads, sessionMethod);
    try {
      server.serve(services);
      return server;
    } catch (BuildFailure failure) {
      server.close();
      throw failure;
    }
  }

  /// Where it really listens, in the order of the settings (a TCP port 0 has become a real one).
  public List<ListenAddress> addresses() {
    return listeners.stream().map(Listener::address).toList();
  }

  /// From now on health says NOT_SERVING and new builds are refused with a status that tells the
  /// client to retry; builds under way keep everything they need.
  public void drain() {
    gate.drain();
    health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, ServingStatus.NOT_SERVING);
  }

  /// Cancels what is still under way and takes the sockets away.
  @Override
  public void close() {
    health.enterTerminalState();
    listeners.forEach(Listener::shutdown);
    listeners.forEach(Listener::close);
  }
}
