package dev.slipway.registry;

import dev.slipway.oci.ImageReference;
import dev.slipway.task.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The daemon's one door to registries: keeps connections, tokens and limits. Thread-safe.
public final class RegistryClient implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final RegistryConfig config;
  private final HttpTransport transport;
  private final Exchange exchange;
  private final TransferSlots slots;
  private final UploadTurns turns = new UploadTurns();
  private final SeenBlobs seen;
  private final StreamRefusals refusals;

  private RegistryClient(RegistryConfig config, HttpTransport transport, Clock clock) {
    this.config = config;
    this.transport = transport;
    this.exchange = new Exchange(transport, new Authorizer(transport, clock), clock);
    this.slots = new TransferSlots(config.maxTransfersPerHost());
    this.seen = new SeenBlobs(clock);
    this.refusals = new StreamRefusals(clock);
  }

  /// Caller closes.
  public static RegistryClient open(RegistryConfig config, Clock clock) {
    return open(config, clock, PATIENCE);
  }

  /// @param patience how long a registry may be silent
  static RegistryClient open(RegistryConfig config, Clock clock, Duration patience) {
    return new RegistryClient(config, new HttpTransport(patience, config.proxies()), clock);
  }

  public Resolver resolver() {
    return new Resolver(this, false);
  }

  public Fetcher fetcher() {
    return new Fetcher(this, false);
  }

  /// As [#resolver], without checking certificates, or over plain HTTP.
  public Resolver insecureResolver() {
    return new Resolver(this, true);
  }

  /// As [#fetcher], without checking certificates, or over plain HTTP.
  public Fetcher insecureFetcher() {
    return new Fetcher(this, true);
  }

  public Referrers referrers() {
    return new Referrers(this);
  }

  public Pusher pusher() {
    return new Pusher(this, exchange, false);
  }

  /// Pushes without checking certificates, or over plain HTTP where the host is configured so.
  public Pusher insecurePusher() {
    return new Pusher(this, exchange, true);
  }

  /// Closes connections; what is under way fails.
  @Override
  public void close() {
    transport.close();
  }

  Repository repository(
      ImageReference name, CredentialSource credentials, String action, boolean insecure) {
    Exchange.Access access = new Exchange.Access(credentials, List.of(scope(name, "pull")), action);
    return new Repository(bare(name), Endpoint.of(config, name.host(), insecure), access);
  }

  Repository pushRepository(
      ImageReference name,
      CredentialSource credentials,
      boolean insecure,
      Optional<ImageReference> from) {
    List<String> scopes = new ArrayList<>(List.of(scope(name, "pull,push")));
    from.ifPresent(source -> scopes.add(scope(source, "pull")));
    Exchange.Access access = new Exchange.Access(credentials, scopes, "push");
    return new Repository(
        bare(name), List.of(Endpoint.registry(config, name.host(), insecure)), access);
  }

  Exchange exchange() {
    return exchange;
  }

  UploadTurns turns() {
    return turns;
  }

  TransferSlots slots() {
    return slots;
  }

  SeenBlobs seen() {
    return seen;
  }

  StreamRefusals refusals() {
    return refusals;
  }

  private static ImageReference bare(ImageReference name) {
    return new ImageReference(name.host(), name.repository(), Optional.empty(), Optional.empty());
  }

  private static String scope(ImageReference name, String actions) {
    return "repository:" + name.repository() + ":" + actions;
  }
}
