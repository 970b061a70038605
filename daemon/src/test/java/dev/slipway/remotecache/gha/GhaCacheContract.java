package dev.slipway.remotecache.gha;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.failure.Unauthenticated;
import dev.slipway.failure.Unsupported;
import dev.slipway.oci.Digest;
import dev.slipway.remotecache.CachedLayer;
import dev.slipway.remotecache.object.PlaceKind;
import dev.slipway.remotecache.object.testing.FakeActionsCache;
import dev.slipway.remotecache.object.testing.ObjectCacheContract;
import dev.slipway.remotecache.object.testing.ObjectServer;
import dev.slipway.remotecache.object.testing.ObjectServer.Fault;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What both versions of the service do.
abstract class GhaCacheContract extends ObjectCacheContract {
  private static final String SCOPES =
      "[{\\\"Scope\\\":\\\"refs/heads/topic\\\",\\\"Permission\\\":3},"
          + "{\\\"Scope\\\":\\\"refs/heads/main\\\",\\\"Permission\\\":1}]";

  private final String token = token(SCOPES, Instant.now().plusSeconds(3600));
  private final FakeActionsCache store = new FakeActionsCache(token);
  private GhaSigning signing = GhaSigning.NONE;

  /// The attribute that names the service.
  abstract Map<String, String> address(String url);

  @Override
  protected ObjectServer start() {
    ObjectServer server = ObjectServer.start(store);
    store.at(server.url());
    return server;
  }

  @Override
  protected PlaceKind kind() {
    return new GhaKind(connections, clock, signing, URI.create(server().url()));
  }

  @Override
  protected Map<String, String> attributes() {
    Map<String, String> attributes = new HashMap<>(address(server().url() + "/"));
    attributes.put("token", token);
    return attributes;
  }

  @Override
  protected Map<String, String> wrongAttributes() {
    Map<String, String> changed = new HashMap<>(attributes());
    changed.put("token", token + "x");
    return changed;
  }

  @Override
  protected void loseLayers() {
    store.keys().stream().filter(key -> key.contains("blob")).forEach(store::remove);
  }

  final FakeActionsCache store() {
    return store;
  }

  private static String token(String scopes, Instant expires) {
    String claims =
        "{\"ac\":\"" + scopes + "\",\"nbf\":1700000000,\"exp\":" + expires.getEpochSecond() + "}";
    Base64.Encoder encoder = Base64.getUrlEncoder().withoutPadding();
    return encoder.encodeToString("{}".getBytes(StandardCharsets.UTF_8))
        + "."
        + encoder.encodeToString(claims.getBytes(StandardCharsets.UTF_8))
        + ".x";
  }

  private Map<String, String> with(String name, String value) {
    Map<String, String> changed = new HashMap<>(attributes());
    changed.put(name, value);
    return changed;
  }

  @Test
  void keysAreThoseOfBuildkit() {
    write(cache("one"));
    backend().target(with("scope", "other")).write(cache("one"), context());

    String topic = Digest.ofText("refs/heads/topic").hex().substring(0, 8);
    assertThat(store.keys())
        .containsExactly(
            "buildkit-blob-1-" + Digest.ofText("one"),
            "index-buildkit-1-" + topic + "#1",
            "index-other-1-" + topic + "#1");
  }

  @Test
  void tablesAreNumbered() {
    for (int i = 0; i < 11; i++) {
      write(cache("layer " + i));
    }

    assertThat(store.keys().getLast()).endsWith("#11");
    assertThat(read().getFirst().layers()).containsOnlyKeys(Digest.ofText("layer 10"));
  }

  /// Whoever reserved the number may have died.
  @Test
  void aNumberThatNobodyFinishesIsSteppedOver() {
    String key =
        "index-buildkit-1-" + Digest.ofText("refs/heads/topic").hex().substring(0, 8) + "#1";
    store.reserve(key, CacheService.VERSION);

    write(cache("one"));

    assertThat(store.keys().getLast()).endsWith("#2");
  }

  @Test
  void cachesOfEveryReadableBranchAreRead() {
    write(cache("one"));
    store.copy(
        "index-buildkit-1-" + Digest.ofText("refs/heads/topic").hex().substring(0, 8) + "#1",
        "index-buildkit-1-" + Digest.ofText("refs/heads/main").hex().substring(0, 8) + "#4");

    assertThat(read()).hasSize(2);
  }

  @Test
  void aTokenThatEndedIsRefusedWhenItIsUsed() {
    Map<String, String> old = with("token", token(SCOPES, Instant.now().minusSeconds(60)));

    assertThatThrownBy(() -> backend().origin(old).read(context()))
        .isInstanceOf(Unauthenticated.class)
        .hasMessageContaining("cache token expired at");
  }

  /// The service limits questions more than GitHub's own interface does.
  @Test
  void layersAreListedWhereARepositoryIsNamed() {
    write(cache("one"));
    Map<String, String> attributes = with("repository", "owner/name");
    attributes.put("ghtoken", "other");
    int before = server().requests().size();

    backend().target(attributes).write(cache("one", "two"), context());

    List<String> after = server().requests().subList(before, server().requests().size());
    assertThat(after).filteredOn(each -> each.startsWith("GET /repos/owner/name/")).hasSize(2);
    assertThat(after).filteredOn(each -> each.matches(".*" + layerWritten() + ".*")).hasSize(1);
  }

  @Test
  void aListingThatFailsDoesNoHarm() {
    server().next(new Fault.Status("/repos/", 403, Map.of(), "{\"message\":\"forbidden\"}"));
    Map<String, String> attributes = with("repository", "owner/name");
    attributes.put("ghtoken", "other");

    backend().target(attributes).write(cache("one"), context());

    assertThat(read()).hasSize(1);
  }

  /// The service asks for half a minute each time.
  @ParameterizedTest
  @CsvSource({"100s, 4", "200s, 7"})
  void aRequestIsRepeatedForAsLongAsSaid(String timeout, int times) {
    for (int i = 0; i < 20; i++) {
      server().next(new Fault.Status(layerWritten(), 503, Map.of("Retry-After", "30"), ""));
    }

    assertThatThrownBy(
            () -> backend().target(with("timeout", timeout)).write(cache("one"), context()))
        .hasMessageContaining("503");
    assertThat(
            server().requests().stream().filter(each -> each.matches(".*" + layerWritten() + ".*")))
        .hasSize(times);
  }

  @Test
  void signedTablesLieApartWithTheirSignature() {
    signing = new GhaSigning(List.of("sh", "-c", "echo signed $(wc -c)"), false);

    write(cache("one"));

    assertThat(store.keys()).anyMatch(key -> key.matches("index-buildkit-1-[0-9a-f]{8}-sig#1"));
    assertThat(store.keys().getLast()).matches("buildkit-blob-1-sha256:[0-9a-f]{64}-sig");
    assertThat(read()).hasSize(1);
    signing = GhaSigning.NONE;
    assertThat(read()).isEmpty();
  }

  @Test
  void aSigningCommandThatFailsSaysWhy() {
    signing = new GhaSigning(List.of("sh", "-c", "echo no key >&2; exit 3"), false);

    assertThatThrownBy(() -> write(cache("one"))).hasMessageContaining("no key");
  }

  @Test
  void nothingIsImportedWhereVerificationIsRequired() {
    signing = new GhaSigning(List.of("sh", "-c", "echo signed"), true);
    write(cache("one"));

    assertThatThrownBy(this::read)
        .isInstanceOf(Unsupported.class)
        .hasMessageContaining("[cache.gha.verify]");
  }

  final CachedLayer onlyLayer() {
    return read().getFirst().layers().values().iterator().next();
  }
}
