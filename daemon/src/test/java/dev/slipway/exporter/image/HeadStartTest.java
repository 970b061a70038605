package dev.slipway.exporter.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.content.BlobInfo;
import dev.slipway.content.Ingest;
import dev.slipway.content.testing.InMemoryContentStore;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.Digest;
import dev.slipway.oci.MediaType;
import dev.slipway.progress.ProgressEvent;
import dev.slipway.progress.ProgressEvent.StatusChanged;
import dev.slipway.progress.VertexProgress;
import dev.slipway.ref.LayerOrigin;
import dev.slipway.registry.CredentialSource;
import dev.slipway.registry.Pusher;
import dev.slipway.registry.Pusher.Outcome;
import dev.slipway.registry.RegistryClient;
import dev.slipway.registry.RegistryConfig;
import dev.slipway.registry.testing.InProcessRegistry;
import dev.slipway.registry.testing.InProcessRegistry.Fault;
import dev.slipway.task.Clock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class HeadStartTest {
  private static final long LARGE = 1000;

  private final InMemoryContentStore store = new InMemoryContentStore();
  private final RegistryClient client = RegistryClient.open(RegistryConfig.DEFAULT, Clock.system());
  private final List<ProgressEvent> events = new CopyOnWriteArrayList<>();
  private final byte[] content = new byte[10_000_000];
  private final Digest digest;
  private InProcessRegistry registry;

  HeadStartTest() {
    new Random(7).nextBytes(content);
    digest = Digest.ofBytes(content);
  }

  @BeforeEach
  void start() throws IOException {
    registry = InProcessRegistry.start();
  }

  @AfterEach
  void stop() {
    client.close();
    registry.close();
    store.close();
  }

  @Test
  void aLayerIsBroughtOnceItIsMade() {
    byte[] small = new byte[(int) LARGE - 1];
    try (HeadStart head = headStart("a");
        Ingest ingest = begin(head)) {
      ingest.write(ByteBuffer.wrap(small));
      head.made(descriptor(commit(ingest)), Optional.empty());
      head.join();
    }

    assertThat(registry.blob("a", Digest.ofBytes(small))).contains(small);
    assertThat(requests("POST", "PATCH", "PUT"))
        .extracting(line -> line.substring(0, 4))
        .containsExactly("POST", "PUT ");
  }

  @Test
  void aLargeLayerIsSentWhileItIsWritten() throws InterruptedException {
    try (HeadStart head = headStart("a", "b");
        Ingest ingest = begin(head)) {
      ingest.write(ByteBuffer.wrap(content, 0, 2_000_000));
      registry.awaitRequest("^PATCH /v2/a/");
      registry.awaitRequest("^PATCH /v2/b/");
      ingest.write(ByteBuffer.wrap(content, 2_000_000, 8_000_000));
      head.made(descriptor(commit(ingest)), Optional.empty());
      head.join();
    }

    assertThat(registry.blob("a", digest)).contains(content);
    assertThat(registry.blob("b", digest)).contains(content);
    assertThat(registry.uploads()).isZero();
    assertThat(shown()).containsOnly("pushing " + digest);
    int before = registry.requests().size();
    assertThat(push("a")).isEqualTo(Outcome.THERE_ALREADY);
    assertThat(registry.requests()).hasSize(before);
  }

  @Test
  void whatTheRepositoryTurnsOutToHaveIsGivenUp() throws InterruptedException {
    registry.addBlob("a", MediaType.OCI_LAYER, content);
    try (HeadStart head = headStart("a");
        Ingest ingest = begin(head)) {
      ingest.write(ByteBuffer.wrap(content, 0, 5_000_000));
      registry.awaitRequest("^PATCH ");
      ingest.write(ByteBuffer.wrap(content, 5_000_000, 5_000_000));
      commit(ingest);
      head.join();
    }

    assertThat(requests("PUT")).isEmpty();
    assertThat(requests("DELETE")).hasSize(1);
    assertThat(registry.uploads()).isZero();
  }

  @Test
  void whereNoBlobIsTakenWithoutItsLengthItIsTriedOnce() throws InterruptedException {
    registry.next(new Fault.Status("^PATCH ", 405, Map.of(), ""));
    try (HeadStart head = headStart("a");
        Ingest ingest = begin(head)) {
      write(ingest);
      registry.awaitRequest("^PATCH ");
      head.made(descriptor(commit(ingest)), Optional.empty());
      head.join();
    }
    assertThat(registry.blob("a", digest)).isEmpty();
    assertThat(registry.uploads()).isZero();
    assertThat(push("a")).isEqualTo(Outcome.SENT);
    store.delete(digest);

    try (HeadStart head = headStart("b");
        Ingest ingest = begin(head)) {
      write(ingest);
      head.made(descriptor(commit(ingest)), Optional.empty());
      head.join();
    }
    assertThat(requests("PATCH")).hasSize(1);
    assertThat(registry.blob("b", digest)).contains(content);
  }

  @Test
  void whatBreaksIsLeftToThePush() throws InterruptedException {
    registry.next(new Fault.Drop("^PATCH ", 5_000));
    try (HeadStart head = headStart("a");
        Ingest ingest = begin(head)) {
      ingest.write(ByteBuffer.wrap(content, 0, 5_000_000));
      registry.awaitRequest("^DELETE ");
      ingest.write(ByteBuffer.wrap(content, 5_000_000, 5_000_000));
      head.made(descriptor(commit(ingest)), Optional.empty());
      head.join();
    }

    assertThat(registry.blob("a", digest)).isEmpty();
    assertThat(registry.uploads()).isZero();
    assertThat(push("a")).isEqualTo(Outcome.SENT);
    assertThat(registry.blob("a", digest)).contains(content);
  }

  @Test
  void nothingIsLeftOfWhatIsCancelled() throws InterruptedException {
    try (Ingest ingest = store.ingest("layer")) {
      try (HeadStart head = headStart("a")) {
        head.begun(ingest::follow);
        ingest.write(ByteBuffer.wrap(content, 0, 5_000_000));
        registry.awaitRequest("^PATCH ");
      }

      assertThat(requests("DELETE")).hasSize(1);
      assertThat(registry.uploads()).isZero();
      ingest.write(ByteBuffer.wrap(content, 5_000_000, 5_000_000));
      assertThat(commit(ingest).digest()).isEqualTo(digest);
    }
    assertThat(requests("PUT")).isEmpty();
  }

  @Test
  void aLayerThatIsNeverFinishedSpeaksNotAgainstTheRegistry() throws InterruptedException {
    try (HeadStart head = headStart("a")) {
      try (Ingest ingest = begin(head)) {
        ingest.write(ByteBuffer.wrap(content, 0, 5_000_000));
        registry.awaitRequest("^PATCH ");
      }
      head.join();
    }
    assertThat(registry.uploads()).isZero();
    store.sweepIngests();

    try (HeadStart head = headStart("b");
        Ingest ingest = begin(head)) {
      write(ingest);
      registry.awaitRequest("^PATCH /v2/b/");
      commit(ingest);
      head.join();
    }
    assertThat(registry.blob("b", digest)).contains(content);
  }

  @Test
  void aSlowRegistryHoldsNobodyUp() throws InterruptedException {
    CountDownLatch quick = new CountDownLatch(1);
    registry.next(new Fault.Stall("^PATCH ", 10, quick));
    try (HeadStart head = headStart("a");
        Ingest ingest = begin(head)) {
      ingest.write(ByteBuffer.wrap(content, 0, 5_000_000));
      registry.awaitRequest("^PATCH ");
      ingest.write(ByteBuffer.wrap(content, 5_000_000, 5_000_000));
      assertThat(commit(ingest).digest()).isEqualTo(digest);
      quick.countDown();
      head.join();
    }

    assertThat(registry.blob("a", digest)).contains(content);
  }

  @Test
  void aLayerThatIsHereIsBroughtOnceFromWhereItIsNearest() {
    Descriptor blob = new Descriptor(MediaType.OCI_LAYER, store.put(content), content.length);
    registry.addBlob("base", MediaType.OCI_LAYER, content);
    LayerOrigin origin = new LayerOrigin("registry", registry.host() + "/base:v1");
    try (HeadStart head = headStart("a")) {
      head.made(blob, Optional.of(origin));
      head.made(blob, Optional.of(origin));
      head.join();
    }

    assertThat(registry.blob("a", digest)).contains(content);
    assertThat(requests("POST"))
        .containsExactly("POST /v2/a/blobs/uploads/?mount=" + digest + "&from=base");
    assertThat(requests("PUT")).isEmpty();
  }

  @Test
  void aLayerThatIsNotHereOrNotToBeGivenAwayIsLeftAlone() {
    Digest here = store.put(content);
    try (HeadStart head = headStart("a")) {
      head.made(new Descriptor(MediaType.OCI_LAYER, Digest.ofText("away"), 5), Optional.empty());
      head.made(
          new Descriptor(
              new MediaType("application/vnd.oci.image.layer.nondistributable.v1.tar"),
              here,
              content.length),
          Optional.empty());
      head.join();
    }

    assertThat(registry.requests()).isEmpty();
  }

  private HeadStart headStart(String... repositories) {
    return new HeadStart(
        Stream.of(repositories)
            .map(
                name ->
                    new HeadStart.Place(
                        registry.name(name), client.pusher(), CredentialSource.none()))
            .toList(),
        store,
        new VertexProgress(Digest.ofText("vertex"), events::add, Clock.system()),
        LARGE);
  }

  private Ingest begin(HeadStart head) {
    Ingest ingest = store.ingest("layer");
    head.begun(ingest::follow);
    return ingest;
  }

  private void write(Ingest ingest) {
    ingest.write(ByteBuffer.wrap(content));
  }

  private static BlobInfo commit(Ingest ingest) {
    return ingest.commit(Optional.empty(), OptionalLong.empty(), Map.of());
  }

  private static Descriptor descriptor(BlobInfo blob) {
    return new Descriptor(MediaType.OCI_LAYER, blob.digest(), blob.bytes());
  }

  /// As the push does it later.
  private Outcome push(String repository) {
    return client
        .pusher()
        .blob(
            registry.name(repository),
            new Descriptor(MediaType.OCI_LAYER, digest, content.length),
            Optional.empty(),
            CredentialSource.none(),
            new Pusher.Content(store, _ -> {}));
  }

  private List<String> requests(String... methods) {
    return registry.requests().stream()
        .filter(line -> Stream.of(methods).anyMatch(line::startsWith))
        .toList();
  }

  private List<String> shown() {
    return events.stream().map(event -> ((StatusChanged) event).id()).toList();
  }
}
