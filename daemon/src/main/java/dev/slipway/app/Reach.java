package dev.slipway.app;

import dev.slipway.app.DaemonServices.Foundation;
import dev.slipway.registry.CredentialSource;
import dev.slipway.registry.EnvironmentProxies;
import dev.slipway.registry.RegistryClient;
import dev.slipway.remotecache.azblob.AzureKind;
import dev.slipway.remotecache.gha.GhaKind;
import dev.slipway.remotecache.object.KnownPlaces;
import dev.slipway.remotecache.object.PlaceKind;
import dev.slipway.remotecache.object.StoreConnections;
import dev.slipway.remotecache.s3.S3Kind;
import dev.slipway.session.ConnectedSessions;
import dev.slipway.session.SessionCredentials;
import dev.slipway.session.SessionGroup;
import dev.slipway.session.TokenAuthority;
import dev.slipway.source.http.HttpConnections;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/// What the daemon reaches outside of its machine: clients' sessions, registries, object stores,
/// the web.
///
/// @param credentials for registries, as the clients of a build give them
/// @param places which of the object stores hold what, as far as is known
record Reach(
    ConnectedSessions sessions,
    Function<SessionGroup, CredentialSource> credentials,
    RegistryClient registries,
    List<PlaceKind> objectStores,
    KnownPlaces places,
    HttpConnections http) {
  static Reach open(Foundation foundation, Lifecycle parts) {
    ConnectedSessions sessions =
        parts.add(
            "sessions",
            new ConnectedSessions(
                foundation.loops().get().moving(),
                foundation.handlers(),
                foundation.clock(),
                ConnectedSessions.Settings.STANDARD));
    TokenAuthority authority = TokenAuthority.create();
    RegistryClient registries =
        parts.add(
            "registries",
            RegistryClient.open(
                OperatorChoices.registries(foundation.config(), System.getenv()),
                foundation.clock()));
    StoreConnections stores =
        parts.add("object stores", new StoreConnections(EnvironmentProxies.of(System.getenv())));
    List<PlaceKind> objectStores =
        List.of(
            new S3Kind(stores, foundation.clock(), System.getenv()),
            new AzureKind(stores, foundation.clock(), System.getenv()),
            new GhaKind(
                stores,
                foundation.clock(),
                OperatorChoices.ghaSigning(foundation.config()),
                GhaKind.API));
    return new Reach(
        sessions,
        group -> new SessionCredentials(group, authority),
        registries,
        objectStores,
        new KnownPlaces(objectStores.stream().map(PlaceKind::type).collect(Collectors.toSet())),
        parts.add("http", new HttpConnections()));
  }
}
