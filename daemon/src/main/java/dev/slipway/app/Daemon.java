package dev.slipway.app;

import dev.slipway.config.DaemonConfig;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Cancelled;
import dev.slipway.rehearsal.RehearsalClient;
import dev.slipway.rpc.EventLoops;
import dev.slipway.rpc.HandlerThreads;
import dev.slipway.rpc.InheritedSockets;
import dev.slipway.rpc.ListenAddress;
import dev.slipway.rpc.RpcServer;
import dev.slipway.rpc.TlsFiles;
import dev.slipway.session.SessionService;
import dev.slipway.task.Clock;
import dev.slipway.task.TaskScope;
import io.grpc.BindableService;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.ServiceLoader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One running daemon. [#start] leaves it listening; [#stop] ends it in order. Confined to the main
/// thread.
final class Daemon implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Daemon.class);

  /// After as many builds further ones are hardly faster.
  private static final Rehearsal.Plan REHEARSAL =
      new Rehearsal.Plan(40, Duration.ofSeconds(2), Duration.ofSeconds(10));

  private final Lifecycle lifecycle;
  private final DaemonConfig config;
  private final DaemonServices.Foundation foundation;
  private final DaemonServices services;
  private final RpcServer server;
  private final BuildWatch watch;
  private Optional<Rehearsal> rehearsal = Optional.empty();

  private Daemon(
      Lifecycle lifecycle,
      DaemonServices.Foundation foundation,
      DaemonServices services,
      RpcServer server,
      BuildWatch watch) {
    this.lifecycle = lifecycle;
    this.config = foundation.config();
    this.foundation = foundation;
    this.services = services;
    this.server = server;
    this.watch = watch;
  }

  /// Starts everything, or nothing. Caller closes.
  ///
  /// The network's side and the stores' side start side by side: a client waits for both.
  static Daemon start(
      DaemonConfig config, Map<String, String> environment, DaemonServices.Opener opener) {
    Lifecycle lifecycle = new Lifecycle();
    try {
      lifecycle.add("root lock", RootLock.take(config.root()));
      HandlerThreads handlers = lifecycle.add("handlers", new HandlerThreads("request"));
      try (TaskScope starting = TaskScope.open("start")) {
        TaskScope.Forked<EventLoops> loops =
            starting.fork(() -> lifecycle.add("event loops", EventLoops.start(ioThreads())));
        TaskScope.Forked<RpcServer> server =
            starting.fork(
                () ->
                    RpcServer.prepare(
                        settings(config, environment),
                        new RpcServer.Threads(loops.result(), handlers),
                        SessionService.METHOD));
        DaemonServices.Foundation foundation =
            new DaemonServices.Foundation(
                config, loops::result, handlers, Clock.system(), new CompositeMeterRegistry());
        DaemonServices services = open(foundation, opener, lifecycle, server);
        BuildWatch watch = new BuildWatch();
        lifecycle.add("listeners", server.result()).serve(definitions(services, watch));
        server
            .result()
            .addresses()
            .forEach(address -> LOG.atInfo().addKeyValue("address", address).log("listening"));
        return new Daemon(lifecycle, foundation, services, server.result(), watch);
      }
    } catch (BuildFailure failure) {
      lifecycle.close();
      throw failure;
    }
  }

  private static DaemonServices open(
      DaemonServices.Foundation foundation,
      DaemonServices.Opener opener,
      Lifecycle lifecycle,
      TaskScope.Forked<RpcServer> server) {
    try {
      MeterRegistry metrics = metrics(foundation.config(), lifecycle);
      return lifecycle.add("services", opener.open(foundation.with(metrics)));
    } catch (BuildFailure failure) {
      // Listeners close before all else; nobody else will, when there are no services.
      closeIfPrepared(server, failure);
      throw failure;
    }
  }

  private static void closeIfPrepared(
      TaskScope.Forked<RpcServer> server, BuildFailure withoutServices) {
    try {
      server.result().close();
    } catch (BuildFailure failure) {
      withoutServices.addSuppressed(failure);
    }
  }

  private static List<ServerServiceDefinition> definitions(
      DaemonServices services, BuildWatch watch) {
    return services.services().stream()
        .map(BindableService::bindService)
        .map(service -> ServerInterceptors.intercept(service, watch))
        .toList();
  }

  private static int ioThreads() {
    return Math.clamp(Runtime.getRuntime().availableProcessors(), 2, 4);
  }

  private static MeterRegistry metrics(DaemonConfig config, Lifecycle lifecycle) {
    Optional<String> address = config.slipway().metricsAddress();
    if (address.isEmpty()) {
      return new CompositeMeterRegistry();
    }
    PrometheusMeterRegistry registry = MetricsEndpoint.newRegistry();
    MetricsEndpoint endpoint =
        lifecycle.add("metrics endpoint", MetricsEndpoint.start(address.get(), registry));
    LOG.atInfo().addKeyValue("address", endpoint.address()).log("serving metrics");
    return registry;
  }

  private static RpcServer.Settings settings(DaemonConfig config, Map<String, String> environment) {
    DaemonConfig.Grpc grpc = config.grpc();
    InheritedSockets inherited =
        InheritedSockets.of(
            ProcessHandle.current().pid(),
            Optional.ofNullable(environment.get("LISTEN_PID")),
            Optional.ofNullable(environment.get("LISTEN_FDS")),
            Optional.ofNullable(environment.get("LISTEN_FDNAMES")));
    return new RpcServer.Settings(
        grpc.addresses().stream().map(ListenAddress::parse).toList(),
        grpc.tls().map(tls -> new TlsFiles(tls.cert(), tls.key(), tls.ca())),
        grpc.uid().map(OptionalInt::of).orElse(OptionalInt.empty()),
        grpc.group()
            .map(group -> OptionalInt.of(SystemGroups.id(group)))
            .orElse(OptionalInt.empty()),
        config.slipway().allowInsecureTcp()
            ? RpcServer.InsecureTcp.ALLOWED
            : RpcServer.InsecureTcp.REFUSED,
        inherited);
  }

  List<ListenAddress> addresses() {
    return server.addresses();
  }

  /// Has services of the same kind build while nobody does, so that their code is warm, or only
  /// removes what was left of that. Nothing is waited for.
  void rehearse(DaemonServices.Opener opener) {
    Optional<RehearsalClient> client = ServiceLoader.load(RehearsalClient.class).findFirst();
    if (client.isEmpty()) {
      return;
    }
    RehearsalTheatre theatre = new RehearsalTheatre(foundation, opener, client.get());
    rehearsal =
        Optional.of(
            lifecycle.add(
                "rehearsal", Rehearsal.start(plan(), watch, theatre, foundation.clock())));
  }

  private Rehearsal.Plan plan() {
    if (!config.slipway().rehearsal()) {
      return Rehearsal.Plan.NOTHING;
    }
    if (!RehearsalTheatre.hasRoom(config.root())) {
      LOG.debug("no rehearsal, as the path of {} is too long for a socket in it", config.root());
      return Rehearsal.Plan.NOTHING;
    }
    return REHEARSAL;
  }

  /// Refuses new builds and waits for running ones, no longer than configured or until there is
  /// another signal.
  void drain(StopSignals signals) {
    server.drain();
    rehearsal.ifPresent(Rehearsal::close);
    try (TaskScope scope = TaskScope.open("drain")) {
      TaskScope.Forked<?> draining =
          scope.forkAction(() -> services.drain(config.slipway().drainTimeout()));
      scope.forkAction(
          () -> {
            String signal = signals.await();
            LOG.atInfo().addKeyValue("signal", signal).log("cancelling running builds");
            draining.interrupt();
          });
      draining.result();
    } catch (Cancelled secondSignal) {
      LOG.debug("draining ended early", secondSignal);
    } catch (BuildFailure failure) {
      LOG.warn("draining failed", failure);
    }
  }

  /// Closes everything in reverse.
  @Override
  public void close() {
    lifecycle.close();
  }
}
