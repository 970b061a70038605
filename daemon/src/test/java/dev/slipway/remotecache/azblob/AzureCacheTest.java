package dev.slipway.remotecache.azblob;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.oci.Digest;
import dev.slipway.remotecache.object.ObjectCache;
import dev.slipway.remotecache.object.PlaceKind;
import dev.slipway.remotecache.object.testing.FakeBlobStorage;
import dev.slipway.remotecache.object.testing.ObjectCacheContract;
import dev.slipway.remotecache.object.testing.ObjectServer;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AzureCacheTest extends ObjectCacheContract {
  private static final String KEY = "c2VjcmV0IGtleQ==";

  private final FakeBlobStorage store =
      new FakeBlobStorage(
          asked ->
              asked.header("authorization").startsWith("SharedKey account:")
                  || asked.header("authorization").equals("Bearer of-the-machine")
                  || "granted".equals(asked.query().get("sig")));

  @Override
  protected ObjectServer start() {
    return ObjectServer.start(
        asked ->
            asked.path().equals("/metadata/identity/oauth2/token")
                ? ObjectServer.Answer.of(
                    200, "{\"access_token\":\"of-the-machine\",\"expires_in\":\"3600\"}")
                : store.answer(asked));
  }

  @Override
  protected PlaceKind kind() {
    return new AzureKind(
        connections, clock, Map.of("AZURE_POD_IDENTITY_AUTHORITY_HOST", server().url()));
  }

  @Override
  protected Map<String, String> attributes() {
    return Map.of(
        "account_url",
        server().url() + "/account",
        "account_name",
        "account",
        "container",
        "caches",
        "secret_access_key",
        KEY);
  }

  @Override
  protected Map<String, String> wrongAttributes() {
    Map<String, String> changed = new HashMap<>(attributes());
    changed.put("account_name", "stranger");
    return changed;
  }

  @Override
  protected String layerRead() {
    return "GET /account/caches/blobs%2F";
  }

  @Override
  protected String layerWritten() {
    return "PUT /account/caches/blobs%2F";
  }

  @Override
  protected void loseLayers() {
    store.remove("/blobs/");
  }

  @Test
  void namesAreThoseOfBuildkit() {
    Map<String, String> attributes = new HashMap<>(attributes());
    attributes.putAll(Map.of("prefix", "team/", "manifests_prefix", "m", "name", "main;release"));

    backend().target(attributes).write(cache("one"), context());

    assertThat(store.blobs())
        .containsOnlyKeys(
            "/account/caches/team/blobs/" + Digest.ofText("one"),
            "/account/caches/team/m/main",
            "/account/caches/team/m/release");
  }

  @Test
  void theContainerIsMadeOnTheFirstWriteOnly() {
    read();
    boolean afterReading = store.containers().isEmpty();
    write(cache("one"));

    assertThat(afterReading).isTrue();
    assertThat(store.containers()).containsExactly("/account/caches");
  }

  @Test
  void allNamesAreRead() {
    Map<String, String> first = new HashMap<>(attributes());
    first.put("name", "main");
    Map<String, String> second = new HashMap<>(attributes());
    second.put("name", "release");
    backend().target(first).write(cache("one"), context());
    backend().target(second).write(cache("two"), context());
    Map<String, String> both = new HashMap<>(attributes());
    both.put("name", "main;release;other");

    assertThat(backend().origin(both).read(context()))
        .extracting(read -> read.layers().keySet().iterator().next())
        .containsExactly(Digest.ofText("one"), Digest.ofText("two"));
  }

  @Test
  void aSharedAccessSignatureInTheUrlOpensIt() {
    Map<String, String> attributes =
        Map.of("account_url", server().url() + "/account?sv=1&sig=granted", "container", "caches");

    backend().target(attributes).write(cache("one"), context());

    assertThat(backend().origin(attributes).read(context()))
        .singleElement()
        .satisfies(
            read ->
                assertThat(
                        read.layers().values().iterator().next().origin().orElseThrow().reference())
                    .doesNotContain("granted"));
  }

  @Test
  void withoutKeyTheMachinesIdentityIsUsed() {
    Map<String, String> attributes =
        Map.of("account_url", server().url() + "/account", "container", "caches");
    ObjectCache caches = backend();

    caches.target(attributes).write(cache("one"), context());

    assertThat(caches.origin(attributes).read(context())).hasSize(1);
    assertThat(server().requests())
        .filteredOn(each -> each.startsWith("GET /metadata/identity"))
        .hasSize(1);
  }
}
