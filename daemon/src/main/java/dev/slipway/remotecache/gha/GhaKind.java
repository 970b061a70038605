package dev.slipway.remotecache.gha;

import dev.slipway.ref.FetchContext;
import dev.slipway.remotecache.object.ObjectExchange;
import dev.slipway.remotecache.object.ObjectExchange.Attempts;
import dev.slipway.remotecache.object.PlaceKind;
import dev.slipway.remotecache.object.StoreConnections;
import dev.slipway.task.Clock;
import java.net.URI;
import java.time.Duration;
import java.util.Map;

/// Caches of GitHub Actions. Thread-safe.
public final class GhaKind implements PlaceKind {
  /// GitHub's REST API.
  public static final URI API = URI.create("https://api.github.com");

  private static final int ATTEMPTS = 8;

  private final StoreConnections connections;
  private final Clock clock;
  private final GhaSigning signing;
  private final URI api;

  /// @param api [#API], but in tests
  public GhaKind(StoreConnections connections, Clock clock, GhaSigning signing, URI api) {
    this.connections = connections;
    this.clock = clock;
    this.signing = signing;
    this.api = api;
  }

  @Override
  public String type() {
    return "gha";
  }

  @Override
  public String exportName() {
    return "exporting to GitHub Actions Cache";
  }

  @Override
  public Door door(Map<String, String> attributes) {
    GhaSettings settings = GhaSettings.of(attributes);
    return context -> place(settings, context);
  }

  private GhaPlace place(GhaSettings settings, FetchContext context) {
    GhaToken token = GhaToken.parse(settings.token(), clock.now());
    Attempts attempts = new Attempts(ATTEMPTS, settings.timeout(), Duration.ofSeconds(60));
    ObjectExchange plain = new ObjectExchange(connections, request -> request, attempts, clock);
    ObjectExchange signed =
        new ObjectExchange(
            connections,
            request -> request.with("authorization", "Bearer " + settings.token()),
            attempts,
            clock);
    return new GhaPlace(
        settings,
        token,
        settings.version() == 2
            ? new CacheServiceV2(settings.url(), signed, plain)
            : new CacheServiceV1(settings.url(), signed, plain),
        new KeyListing(settings.listing(), token.scopes(), api, plain),
        signing.during(context.progress()),
        clock);
  }
}
