package dev.slipway.remotecache.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.NotFound;
import dev.slipway.oci.Digest;
import dev.slipway.remotecache.object.PlaceKind;
import dev.slipway.remotecache.object.testing.FakeS3;
import dev.slipway.remotecache.object.testing.ObjectCacheContract;
import dev.slipway.remotecache.object.testing.ObjectServer;
import dev.slipway.remotecache.object.testing.ObjectServer.Answer;
import dev.slipway.remotecache.object.testing.ObjectServer.Asked;
import dev.slipway.remotecache.object.testing.ObjectServer.Fault;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class S3CacheTest extends ObjectCacheContract {
  private static final Answer REFUSED = Answer.of(403, "<Error><Code>Alone</Code></Error>");

  private final FakeS3 store = new FakeS3("bucket");
  private volatile ObjectServer.Store front = store;

  @Override
  protected ObjectServer start() {
    return ObjectServer.start(asked -> front.answer(asked));
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

  /// As many are on their way as was said: none is answered before all are there.
  @Test
  void layersAreSentSideBySide() {
    CyclicBarrier all = new CyclicBarrier(6);
    front = asked -> isLayerWritten(asked) && !arrives(all) ? REFUSED : store.answer(asked);

    backend()
        .target(with("upload_parallelism", "6"))
        .write(cache("1", "2", "3", "4", "5", "6"), context());

    assertThat(store.objects()).hasSize(7);
  }

  @Test
  void layersAreSentOneByOneWhereThatIsSaid() {
    AtomicInteger underWay = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    front =
        asked -> {
          if (!isLayerWritten(asked)) {
            return store.answer(asked);
          }
          most.accumulateAndGet(underWay.incrementAndGet(), Math::max);
          Thread.yield();
          Answer answer = store.answer(asked);
          underWay.decrementAndGet();
          return answer;
        };

    backend()
        .target(with("upload_parallelism", "1"))
        .write(cache("1", "2", "3", "4", "5", "6"), context());

    assertThat(store.objects()).hasSize(7);
    assertThat(most).hasValue(1);
  }

  private static boolean isLayerWritten(Asked asked) {
    return asked.method().equals("PUT") && asked.path().startsWith("/bucket/blobs/");
  }

  private static boolean arrives(CyclicBarrier all) {
    try {
      all.await(30, TimeUnit.SECONDS);
      return true;
    } catch (InterruptedException | BrokenBarrierException | TimeoutException alone) {
      return false;
    }
  }

  @ParameterizedTest
  @CsvSource({"1", "3", "8"})
  void aRequestIsSentAsOftenAsSaid(int attempts) {
    for (int i = 0; i < 20; i++) {
      server().next(new Fault.Status(layerWritten(), 503, Map.of(), ""));
    }

    assertThatThrownBy(
            () ->
                backend()
                    .target(with("retry_max_attempts", Integer.toString(attempts)))
                    .write(cache("one"), context()))
        .isInstanceOf(BuildFailure.class)
        .hasMessageContaining("503");
    assertThat(layersWritten()).isEqualTo(attempts);
  }

  /// In both modes, which differ elsewhere in how many requests are begun while the store is busy.
  @ParameterizedTest
  @CsvSource({"standard", "adaptive"})
  void aBusyStoreIsLeftAloneInBetween(String mode) {
    Instant before = clock.now();
    for (int i = 0; i < 4; i++) {
      server().next(new Fault.Status(layerWritten(), 503, Map.of(), ""));
    }

    backend().target(with("retry_mode", mode)).write(cache("one"), context());

    assertThat(layersWritten()).isEqualTo(5);
    assertThat(clock.now()).isAfter(before.plus(Duration.ofMillis(250 + 500 + 1000 + 2000)));
  }

  private long layersWritten() {
    return server().requests().stream().filter(each -> each.startsWith(layerWritten())).count();
  }

  @Test
  void theTokenOfASessionGoesAlong() {
    AtomicInteger withToken = new AtomicInteger();
    front =
        asked -> {
          if (asked.header("x-amz-security-token").equals("of-a-session")
              && asked.header("authorization").contains("x-amz-security-token")) {
            withToken.incrementAndGet();
          }
          return store.answer(asked);
        };

    backend().target(with("session_token", "of-a-session")).write(cache("one"), context());

    assertThat(server().requests()).isNotEmpty().hasSize(withToken.get());
  }

  @Test
  void requestsAreSignedForTheRegion() {
    AtomicInteger there = new AtomicInteger();
    front =
        asked -> {
          if (asked.header("authorization").contains("/eu-7/s3/aws4_request")) {
            there.incrementAndGet();
          }
          return store.answer(asked);
        };

    backend().target(with("region", "eu-7")).write(cache("one"), context());

    assertThat(server().requests()).isNotEmpty().hasSize(there.get());
  }

  @Test
  void aMissingBucketIsSaid() {
    assertThatThrownBy(() -> backend().origin(with("bucket", "nowhere")).read(context()))
        .isInstanceOf(NotFound.class)
        .hasMessageContaining("NoSuchBucket");
  }
}
