package dev.slipway.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.content.Ingest;
import dev.slipway.content.IngestReader;
import dev.slipway.content.testing.InMemoryContentStore;
import dev.slipway.failure.Unavailable;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.MediaType;
import dev.slipway.registry.Pusher.Outcome;
import dev.slipway.registry.testing.InProcessRegistry;
import dev.slipway.registry.testing.InProcessRegistry.Fault;
import dev.slipway.task.Clock;
import dev.slipway.task.TaskScope;
import dev.slipway.task.TaskScope.Forked;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class StreamedUploadTest {
  private static final RegistryConfig TWO_AT_A_TIME = new RegistryConfig(Map.of(), 2);

  private final InMemoryContentStore store = new InMemoryContentStore();
  private final byte[] content = new byte[10_000_000];
  private InProcessRegistry registry;

  @BeforeEach
  void start() throws IOException {
    registry = InProcessRegistry.start();
    new Random(11).nextBytes(content);
  }

  @AfterEach
  void stop() {
    registry.close();
    store.close();
  }

  @Test
  void whatSomebodyElseIsBringingIsLeftToThem() throws InterruptedException {
    CountDownLatch on = new CountDownLatch(1);
    registry.next(new Fault.Stall("^PUT ", 10, on));
    Descriptor blob = new Descriptor(MediaType.OCI_LAYER, store.put(content), content.length);
    try (RegistryClient client = RegistryClient.open(RegistryConfig.DEFAULT, Clock.system());
        TaskScope scope = TaskScope.open("pushes");
        Ingest ingest = store.ingest("layer")) {
      Forked<Outcome> other = scope.fork(() -> push(client, blob));
      registry.awaitRequest("^PUT ");
      Forked<Optional<Outcome>> streamed = stream(client, scope, ingest);
      registry.awaitRequest("^PATCH ");
      write(ingest);
      ingest.commit(Optional.empty(), OptionalLong.empty(), Map.of());

      assertThat(streamed.result()).contains(Outcome.THERE_ALREADY);
      on.countDown();
      assertThat(other.result()).isEqualTo(Outcome.SENT);
    }
    assertThat(registry.uploads()).isZero();
  }

  @Test
  void whatTakesItsTimeLeavesRoomForOthers() throws InterruptedException {
    CountDownLatch on = new CountDownLatch(1);
    registry.next(new Fault.Stall("^PUT ", 10, on));
    Descriptor blob = new Descriptor(MediaType.OCI_LAYER, store.put(content), content.length);
    try (RegistryClient client = RegistryClient.open(TWO_AT_A_TIME, Clock.system());
        TaskScope scope = TaskScope.open("pushes");
        Ingest ingest = store.ingest("layer")) {
      Forked<Outcome> other = scope.fork(() -> push(client, blob));
      registry.awaitRequest("^PUT ");

      assertThat(stream(client, scope, ingest).result()).isEmpty();
      on.countDown();
      assertThat(other.result()).isEqualTo(Outcome.SENT);
      Forked<Optional<Outcome>> streamed = stream(client, scope, ingest);
      ingest.write(ByteBuffer.wrap(new byte[] {1}));
      ingest.commit(Optional.empty(), OptionalLong.empty(), Map.of());
      assertThat(streamed.result()).contains(Outcome.SENT);
    }
  }

  @Test
  void aRegistryThatTakesNothingMoreIsGivenUp() {
    CountDownLatch never = new CountDownLatch(1);
    registry.next(new Fault.Stall("^PATCH ", 10, never));
    try (RegistryClient client =
            RegistryClient.open(RegistryConfig.DEFAULT, Clock.system(), Duration.ofSeconds(1));
        TaskScope scope = TaskScope.open("pushes");
        Ingest ingest = store.ingest("layer")) {
      write(ingest);
      Forked<Optional<Outcome>> streamed = stream(client, scope, ingest);

      assertThatThrownBy(streamed::result)
          .isInstanceOf(Unavailable.class)
          .hasMessageContaining("failed to do request");
    }
  }

  private Forked<Optional<Outcome>> stream(RegistryClient client, TaskScope scope, Ingest ingest) {
    IngestReader reader = ingest.follow();
    return scope.fork(
        () -> {
          try (reader) {
            return client.pusher().stream(
                registry.name("a"), reader, CredentialSource.none(), _ -> {});
          }
        });
  }

  private Outcome push(RegistryClient client, Descriptor blob) {
    return client
        .pusher()
        .blob(
            registry.name("a"),
            blob,
            Optional.empty(),
            CredentialSource.none(),
            new Pusher.Content(store, _ -> {}));
  }

  private void write(Ingest ingest) {
    ingest.write(ByteBuffer.wrap(content));
  }
}
