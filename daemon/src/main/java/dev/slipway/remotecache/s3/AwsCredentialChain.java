package dev.slipway.remotecache.s3;

import dev.slipway.failure.Unauthenticated;
import dev.slipway.remotecache.object.StoreConnections;
import dev.slipway.task.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/// Credentials from the daemon's surroundings, in the order of Amazon's own tools: environment
/// variables, a web identity, the profile's files, the container's endpoint, the machine's metadata
/// service. Temporary ones are kept until shortly before they end. Thread-safe by its own lock.
final class AwsCredentialChain {
  private static final Duration EARLY = Duration.ofMinutes(5);

  private final Clock clock;
  private final Map<String, String> environment;
  private final AwsCredentialServices services;
  private Optional<AwsCredentials> known = Optional.empty();

  AwsCredentialChain(StoreConnections connections, Clock clock, Map<String, String> environment) {
    this.clock = clock;
    this.environment = environment;
    this.services = new AwsCredentialServices(connections, clock, environment);
  }

  /// @throws Unauthenticated there are none
  synchronized AwsCredentials current() {
    Optional<AwsCredentials> usable =
        known.filter(
            keys ->
                keys.expires().isPresent()
                    && clock.now().isBefore(keys.expires().get().minus(EARLY)));
    if (usable.isEmpty()) {
      known = ofVariables().or(services::webIdentity).or(this::ofProfile).or(services::container);
      usable = known.isPresent() ? known : services.machine();
      known = usable;
    }
    return usable.orElseThrow(
        () ->
            new Unauthenticated(
                "no credentials for s3 cache: give access_key_id and secret_access_key, or the"
                    + " daemon AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile, or a role"));
  }

  private Optional<AwsCredentials> ofVariables() {
    Optional<String> id = value("AWS_ACCESS_KEY_ID").or(() -> value("AWS_ACCESS_KEY"));
    Optional<String> secret = value("AWS_SECRET_ACCESS_KEY").or(() -> value("AWS_SECRET_KEY"));
    return id.isEmpty() || secret.isEmpty()
        ? Optional.empty()
        : Optional.of(AwsCredentials.of(id.get(), secret.get(), value("AWS_SESSION_TOKEN")));
  }

  private Optional<AwsCredentials> ofProfile() {
    return AwsProfiles.read(environment);
  }

  private Optional<String> value(String name) {
    return Optional.ofNullable(environment.get(name)).filter(text -> !text.isEmpty());
  }
}
