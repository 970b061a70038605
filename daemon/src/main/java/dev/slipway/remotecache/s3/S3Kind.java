package dev.slipway.remotecache.s3;

import dev.slipway.remotecache.object.ObjectExchange;
import dev.slipway.remotecache.object.ObjectExchange.Attempts;
import dev.slipway.remotecache.object.PlaceKind;
import dev.slipway.remotecache.object.StoreConnections;
import dev.slipway.task.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.function.Supplier;

/// Caches in S3. Thread-safe.
public final class S3Kind implements PlaceKind {
  private final StoreConnections connections;
  private final Clock clock;
  private final Map<String, String> environment;
  private final AwsCredentialChain surroundings;

  /// @param environment the daemon's, which may name the bucket and hold credentials
  public S3Kind(StoreConnections connections, Clock clock, Map<String, String> environment) {
    this.connections = connections;
    this.clock = clock;
    this.environment = Map.copyOf(environment);
    this.surroundings = new AwsCredentialChain(connections, clock, this.environment);
  }

  @Override
  public String type() {
    return "s3";
  }

  @Override
  public String exportName() {
    return "exporting cache to Amazon S3";
  }

  @Override
  public Door door(Map<String, String> attributes) {
    S3Settings settings = S3Settings.of(attributes, environment);
    return _ -> place(settings);
  }

  private S3Place place(S3Settings settings) {
    AwsSignature signature = new AwsSignature(settings.region(), "s3");
    Supplier<AwsCredentials> credentials =
        settings
            .credentials()
            .<Supplier<AwsCredentials>>map(given -> () -> given)
            .orElse(surroundings::current);
    Attempts attempts =
        settings
            .attempts()
            .map(most -> new Attempts(most, Duration.ofMinutes(10), Duration.ofSeconds(60)))
            .orElse(Attempts.STANDARD);
    ObjectExchange exchange =
        new ObjectExchange(
            connections,
            request -> signature.sign(request, credentials.get(), clock.now()),
            attempts,
            clock);
    return new S3Place(settings, exchange, clock);
  }
}
