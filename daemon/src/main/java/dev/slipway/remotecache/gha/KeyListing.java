package dev.slipway.remotecache.gha;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Cancelled;
import dev.slipway.oci.json.OciJson;
import dev.slipway.remotecache.object.ObjectExchange;
import dev.slipway.remotecache.object.ObjectRequest;
import dev.slipway.remotecache.object.UrlText;
import java.net.URI;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/// The keys of the layers that a repository's cache holds, listed by GitHub's REST API once instead
/// of asking the cache service for each, which it allows for some hundred a minute only. Where that
/// cannot be done, nothing is known and the service is asked. Thread-safe by its own lock.
final class KeyListing {
  private static final Logger LOG = LoggerFactory.getLogger(KeyListing.class);
  private static final int PAGE = 100;
  private static final int MOST_PAGES = 200;
  private static final int MAX_PAGE = 4 << 20;

  private final Optional<GhaSettings.Listing> wanted;
  private final List<GhaToken.Scope> scopes;
  private final URI api;
  private final ObjectExchange exchange;
  private Optional<Set<String>> known = Optional.empty();
  private boolean asked;

  /// @param wanted empty: nothing is listed
  /// @param api where GitHub's REST API is
  KeyListing(
      Optional<GhaSettings.Listing> wanted,
      List<GhaToken.Scope> scopes,
      URI api,
      ObjectExchange exchange) {
    this.wanted = wanted;
    this.scopes = List.copyOf(scopes);
    this.api = api;
    this.exchange = exchange;
  }

  /// Empty where it is not known.
  synchronized Optional<Set<String>> keys() {
    if (!asked && wanted.isPresent()) {
      known = list(wanted.get());
    }
    asked = true;
    return known;
  }

  private Optional<Set<String>> list(GhaSettings.Listing listing) {
    Set<String> keys = new HashSet<>();
    try {
      scopes.forEach(scope -> list(listing, scope.name(), keys));
      return Optional.of(keys);
    } catch (Cancelled cancelled) {
      throw cancelled;
    } catch (BuildFailure failure) {
      LOG.info("the keys of the github actions cache are not listed: {}", failure.getMessage());
      return Optional.empty();
    }
  }

  private void list(GhaSettings.Listing listing, String scope, Set<String> keys) {
    for (int page = 1; page <= MOST_PAGES; page++) {
      String query =
          "?key="
              + UrlText.encoded(GhaPlace.layersPrefix())
              + "&page="
              + page
              + "&per_page="
              + PAGE
              + (scope.isEmpty() ? "" : "&ref=" + UrlText.encoded(scope));
      URI uri =
          URI.create(
              api + "/repos/" + UrlText.path(listing.repository()) + "/actions/caches" + query);
      ObjectRequest request =
          ObjectRequest.of("GET", uri)
              .with("accept", "application/vnd.github+json")
              .with("authorization", "Bearer " + listing.token())
              .with("x-github-api-version", "2022-11-28");
      JsonNode json =
          OciJson.object(
              exchange.run(request, Set.of(200), answer -> ObjectExchange.body(answer, MAX_PAGE)),
              "list of caches");
      json.path("actions_caches").forEach(each -> keys.add(each.path("key").asString("")));
      if (json.path("total_count").asInt(0) <= page * PAGE) {
        return;
      }
    }
  }
}
