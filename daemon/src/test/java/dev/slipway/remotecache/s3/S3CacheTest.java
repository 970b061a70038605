package dev.slipway.remotecache.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.NotFound;
import dev.slipway.oci.Digest;
import dev.slipway.remotecache.object.ObjectCacheContract;
import dev.slipway.remotecache.object.PlaceKind;
import dev.slipway.remotecache.object.testing.FakeS3;
import dev.slipway.remotecache.object.testing.ObjectServer;
import dev.slipway.remotecache.object.testing.ObjectServer.Fault;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class S3CacheTest extends ObjectCacheContract {
  private final FakeS3 store = new FakeS3("bucket");

  @Override
  protected ObjectServer start() {
    return ObjectServer.start(store);
  }

  @Override
  protected PlaceKind kind() {
    return new S3Kind(connections, clock, Map.of());
  }

  @Override
  protected Map<String, String> attributes() {
    return Map.of(
        "bucket",
        "bucket",
        "region",
        "us-east-1",
        "endpoint_url",
        server().url(),
        "use_path_style",
        "true",
        "access_key_id",
        "key",
        "secret_access_key",
        "hidden");
  }

  @Override
  protected Map<String, String> wrongAttributes() {
    return with("access_key_id", "stranger");
  }

  @Override
  protected String layerRead() {
    return "GET /bucket/blobs/";
  }

  @Override
  protected String layerWritten() {
    return "PUT /bucket/blobs/";
  }

  @Override
  protected void loseLayers() {
    store.remove("blobs/");
  }

  private Map<String, String> with(String name, String value) {
    Map<String, String> changed = new HashMap<>(attributes());
    changed.put(name, value);
    return changed;
  }

  @Test
  void keysAreThoseOfBuildkit() {
    Map<String, String> attributes = with("prefix", "team/");
    attributes.put("name", "main;release");

    backend().target(attributes).write(cache("one"), context());

    assertThat(store.objects())
        .containsOnlyKeys(
            "team/blobs/" + Digest.ofText("one"), "team/manifests/main", "team/manifests/release");
  }

  @Test
  void theFirstNameIsRead() {
    backend().target(with("name", "main")).write(cache("one"), context());
    backend().target(with("name", "release")).write(cache("two"), context());

    assertThat(backend().origin(with("name", "release;main")).read(context()).getFirst().layers())
        .containsOnlyKeys(Digest.ofText("two"));
  }

  /// A rule of the bucket may remove what was not touched for some time.
  @Test
  void oldLayersAreTouchedWhenTheyAreUsed() {
    write(cache("one"));
    String key = "blobs/" + Digest.ofText("one");
    Instant old = Instant.now().minus(Duration.ofHours(25));
    store.setChanged(key, old);

    write(cache("one"));

    assertThat(store.changed(key)).isAfter(old.plus(Duration.ofHours(1)));
    assertThat(store.objects().get(key)).asString().isEqualTo("one");
  }

  @Test
  void youngLayersAreNotTouched() {
    write(cache("one"));
    String key = "blobs/" + Digest.ofText("one");
    Instant young = Instant.now().minus(Duration.ofHours(2));
    store.setChanged(key, young);

    write(cache("one"));
    Instant kept = store.changed(key);
    backend().target(with("touch_refresh", "1h")).write(cache("one"), context());

    assertThat(kept).isEqualTo(young);
    assertThat(store.changed(key)).isAfter(young);
  }

  @Test
  void aLayerOfAnotherLengthIsSentAgain() {
    write(cache("one"));
    store.put("blobs/" + Digest.ofText("one"), new byte[1]);

    write(cache("one"));

    assertThat(store.objects().get("blobs/" + Digest.ofText("one"))).asString().isEqualTo("one");
  }

  @Test
  void anUploadThatFailsIsGivenUp() {
    server()
        .next(new Fault.Status("partNumber=2", 403, Map.of(), "<Error><Code>Gone</Code></Error>"));

    assertThatThrownBy(() -> write(cache("x".repeat(20 << 20))))
        .isInstanceOf(BuildFailure.class)
        .hasMessageContaining("error writing layer blob")
        .hasMessageContaining("Gone");

    assertThat(store.openUploads()).isZero();
    assertThat(store.objects()).isEmpty();
  }

  @Test
  void aMissingBucketIsSaid() {
    assertThatThrownBy(() -> backend().origin(with("bucket", "nowhere")).read(context()))
        .isInstanceOf(NotFound.class)
        .hasMessageContaining("NoSuchBucket");
  }
}
