package dev.slipway.remotecache.azblob;

import dev.slipway.remotecache.object.ObjectExchange;
import dev.slipway.remotecache.object.ObjectRequest;
import dev.slipway.remotecache.object.PlaceKind;
import dev.slipway.remotecache.object.StoreConnections;
import dev.slipway.task.Clock;
import java.util.Map;
import java.util.function.UnaryOperator;

/// Caches in Azure's Blob Storage. Thread-safe.
public final class AzureKind implements PlaceKind {
  private final StoreConnections connections;
  private final Clock clock;
  private final Map<String, String> environment;
  private final AzureTokens tokens;

  /// @param environment the daemon's, which may name the account and hold credentials
  public AzureKind(StoreConnections connections, Clock clock, Map<String, String> environment) {
    this.connections = connections;
    this.clock = clock;
    this.environment = Map.copyOf(environment);
    this.tokens = new AzureTokens(connections, clock, this.environment);
  }

  @Override
  public String type() {
    return "azblob";
  }

  @Override
  public String exportName() {
    return "exporting cache to Azure Blob Storage";
  }

  @Override
  public Door door(Map<String, String> attributes) {
    AzureSettings settings = AzureSettings.of(attributes, environment);
    return _ ->
        new AzurePlace(
            settings,
            new ObjectExchange(
                connections, signer(settings), ObjectExchange.Attempts.STANDARD, clock));
  }

  private UnaryOperator<ObjectRequest> signer(AzureSettings settings) {
    if (settings.key().isPresent()) {
      AzureSharedKey key = new AzureSharedKey(settings.accountName(), settings.key().get());
      return request -> key.sign(request, clock.now());
    }
    String query = settings.account().getRawQuery();
    return query != null && ("&" + query).contains("&sig=")
        ? request -> request
        : request -> request.with("authorization", "Bearer " + tokens.current());
  }
}
