package dev.slipway.content.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.content.BlobInfo;
import dev.slipway.content.ContentStore;
import dev.slipway.content.Ingest;
import dev.slipway.content.IngestReader;
import dev.slipway.failure.Conflict;
import dev.slipway.failure.CorruptData;
import dev.slipway.failure.NotFound;
import dev.slipway.failure.WrongState;
import dev.slipway.oci.Digest;
import dev.slipway.task.TaskScope;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What every content store does.
public abstract class ContentStoreContract {
  protected static final byte[] HELLO = "hello, blob".getBytes(StandardCharsets.UTF_8);
  protected static final Digest HELLO_DIGEST = Digest.ofBytes(HELLO);

  private ContentStore store;

  /// A new, empty store.
  protected abstract ContentStore openStore();

  protected final ContentStore store() {
    return store;
  }

  @BeforeEach
  final void openIt() {
    store = openStore();
  }

  @AfterEach
  final void closeIt() {
    store.close();
  }

  protected static BlobInfo put(ContentStore store, byte[] bytes) {
    try (Ingest ingest = store.ingest(Digest.ofBytes(bytes).toString())) {
      ingest.write(ByteBuffer.wrap(bytes));
      return ingest.commit(
          Optional.of(Digest.ofBytes(bytes)), OptionalLong.of(bytes.length), Map.of());
    }
  }

  protected static byte[] read(ContentStore store, Digest digest) throws IOException {
    try (SeekableByteChannel channel = store.open(digest)) {
      return Channels.newInputStream(channel).readAllBytes();
    }
  }

  @Test
  void unfinishedBytesAreCountedUntilTheyAreABlob() {
    long before = store.totalBytes();
    try (Ingest ingest = store.ingest("unfinished")) {
      ingest.write(ByteBuffer.wrap(new byte[1000]));
      assertThat(store.unfinishedBytes()).isEqualTo(1000);
      assertThat(store.totalBytes()).isEqualTo(before);

      ingest.commit(Optional.empty(), OptionalLong.empty(), Map.of());
    }
    assertThat(store.unfinishedBytes()).isZero();
    assertThat(store.totalBytes()).isEqualTo(before + 1000);
  }

  @Test
  void committedBlobIsFoundAndReadBack() throws IOException {
    BlobInfo committed = put(store, HELLO);

    assertThat(committed.digest()).isEqualTo(HELLO_DIGEST);
    assertThat(store.find(HELLO_DIGEST)).contains(committed);
    assertThat(committed.bytes()).isEqualTo(HELLO.length);
    assertThat(read(store, HELLO_DIGEST)).isEqualTo(HELLO);
  }

  @Test
  void blobIsInvisibleUntilItIsCommitted() {
    try (Ingest ingest = store.ingest("attempt")) {
      ingest.write(ByteBuffer.wrap(HELLO));

      assertThat(store.find(HELLO_DIGEST)).isEmpty();
      assertThatThrownBy(() -> store.open(HELLO_DIGEST)).isInstanceOf(NotFound.class);
    }
    assertThat(store.find(HELLO_DIGEST)).isEmpty();
  }

  @Test
  void commitRefusesContentWithAnotherDigest() {
    Digest other = Digest.ofText("other");
    Ingest ingest = store.ingest("attempt");
    ingest.write(ByteBuffer.wrap(HELLO));

    assertThatThrownBy(() -> ingest.commit(Optional.of(other), OptionalLong.empty(), Map.of()))
        .isInstanceOf(CorruptData.class)
        .hasMessageContaining(other.toString());
    assertThat(store.find(HELLO_DIGEST)).isEmpty();
    assertThat(store.find(other)).isEmpty();
    try (Ingest again = store.ingest("attempt")) {
      assertThat(again.offset()).isZero();
    }
  }

  @Test
  void commitRefusesContentOfAnotherLength() {
    Ingest ingest = store.ingest("attempt");
    ingest.write(ByteBuffer.wrap(HELLO));

    assertThatThrownBy(
            () ->
                ingest.commit(
                    Optional.of(HELLO_DIGEST), OptionalLong.of(HELLO.length + 1), Map.of()))
        .isInstanceOf(CorruptData.class);
    assertThat(store.find(HELLO_DIGEST)).isEmpty();
  }

  @Test
  void closedAttemptIsResumedWhereItStopped() throws IOException {
    try (Ingest first = store.ingest("attempt")) {
      first.write(ByteBuffer.wrap(HELLO, 0, 5));
    }

    try (Ingest second = store.ingest("attempt")) {
      assertThat(second.offset()).isEqualTo(5);
      second.write(ByteBuffer.wrap(HELLO, 5, HELLO.length - 5));
      second.commit(Optional.of(HELLO_DIGEST), OptionalLong.of(HELLO.length), Map.of());
    }

    assertThat(read(store, HELLO_DIGEST)).isEqualTo(HELLO);
  }

  @Test
  void truncateStartsAgain() throws IOException {
    try (Ingest ingest = store.ingest("attempt")) {
      ingest.write(ByteBuffer.wrap("rubbish".getBytes(StandardCharsets.UTF_8)));
      ingest.truncate();
      assertThat(ingest.offset()).isZero();
      ingest.write(ByteBuffer.wrap(HELLO));
      ingest.commit(Optional.of(HELLO_DIGEST), OptionalLong.empty(), Map.of());
    }

    assertThat(read(store, HELLO_DIGEST)).isEqualTo(HELLO);
  }

  @Test
  void sweptAttemptStartsFromNothing() {
    try (Ingest first = store.ingest("attempt")) {
      first.write(ByteBuffer.wrap(HELLO));
    }
    store.sweepIngests();

    try (Ingest second = store.ingest("attempt")) {
      assertThat(second.offset()).isZero();
    }
  }

  @Test
  void sweepingSparesWhatCanBeResumed() {
    try (Ingest first = store.ingest(HELLO_DIGEST.toString())) {
      first.write(ByteBuffer.wrap(HELLO, 0, 2));
    }
    store.sweepIngests();

    try (Ingest second = store.ingest(HELLO_DIGEST.toString())) {
      assertThat(second.offset()).isEqualTo(2);
    }
  }

  @Test
  void sweepingSparesOpenAttempts() {
    try (Ingest ingest = store.ingest("attempt")) {
      ingest.write(ByteBuffer.wrap(HELLO));
      store.sweepIngests();

      assertThat(ingest.commit(Optional.of(HELLO_DIGEST), OptionalLong.empty(), Map.of()).digest())
          .isEqualTo(HELLO_DIGEST);
    }
  }

  @Test
  void oneKeyIsWrittenByOneAtATime() {
    try (Ingest first = store.ingest("attempt")) {
      assertThatThrownBy(() -> store.ingest("attempt")).isInstanceOf(Conflict.class);
      assertThat(first.offset()).isZero();
    }
    store.ingest("attempt").close();
  }

  @Test
  void failedCommitFreesTheKey() {
    Ingest ingest = store.ingest("attempt");
    assertThatThrownBy(
            () -> ingest.commit(Optional.of(HELLO_DIGEST), OptionalLong.empty(), Map.of()))
        .isInstanceOf(CorruptData.class);

    store.ingest("attempt").close();
  }

  @Test
  void spentIngestRefusesMore() {
    Ingest ingest = store.ingest("attempt");
    ingest.commit(Optional.empty(), OptionalLong.empty(), Map.of());

    assertThatThrownBy(() -> ingest.write(ByteBuffer.wrap(HELLO))).isInstanceOf(WrongState.class);
    ingest.close();
    ingest.close();
  }

  @Test
  void emptyBlobIsABlob() throws IOException {
    put(store, new byte[0]);

    assertThat(read(store, Digest.EMPTY)).isEmpty();
    assertThat(store.find(Digest.EMPTY)).isPresent();
  }

  @Test
  void committingAnExistingBlobSucceeds() throws IOException {
    put(store, HELLO);
    try (Ingest again = store.ingest("another attempt")) {
      again.write(ByteBuffer.wrap(HELLO));
      assertThat(
              again
                  .commit(Optional.of(HELLO_DIGEST), OptionalLong.empty(), Map.of("a", "b"))
                  .labels())
          .containsEntry("a", "b");
    }
    assertThat(read(store, HELLO_DIGEST)).isEqualTo(HELLO);
  }

  @Test
  void blobNamedByAnotherAlgorithmIsVerifiedByIt() throws IOException {
    var sha512 = Digest.parse("sha512:" + "0".repeat(128)).newVerifier();
    sha512.update(HELLO);
    Digest digest = new Digest("sha512", java.util.HexFormat.of().formatHex(sha512.digest()));
    try (Ingest ingest = store.ingest("attempt")) {
      ingest.write(ByteBuffer.wrap(HELLO));
      ingest.commit(Optional.of(digest), OptionalLong.empty(), Map.of());
    }

    assertThat(read(store, digest)).isEqualTo(HELLO);
    Ingest wrong = store.ingest("attempt");
    wrong.write(ByteBuffer.wrap(new byte[] {1}));
    assertThatThrownBy(() -> wrong.commit(Optional.of(digest), OptionalLong.empty(), Map.of()))
        .isInstanceOf(CorruptData.class);
  }

  @Test
  void labelsAreSetChangedAndRemoved() {
    put(store, HELLO);

    store.label(HELLO_DIGEST, Map.of("kept", "1", "gone", "2", "odd=&key", "a=b&c"));
    store.label(HELLO_DIGEST, Map.of("gone", "", "kept", "3"));

    assertThat(store.find(HELLO_DIGEST).orElseThrow().labels())
        .containsExactlyInAnyOrderEntriesOf(Map.of("kept", "3", "odd=&key", "a=b&c"));
    assertThatThrownBy(() -> store.label(Digest.ofText("absent"), Map.of("a", "b")))
        .isInstanceOf(NotFound.class);
  }

  @Test
  void deletedBlobIsGoneButOpenReadersGoOn() throws IOException {
    put(store, HELLO);
    try (SeekableByteChannel reader = store.open(HELLO_DIGEST)) {
      store.delete(HELLO_DIGEST);
      store.delete(HELLO_DIGEST);

      assertThat(store.find(HELLO_DIGEST)).isEmpty();
      assertThatThrownBy(() -> store.open(HELLO_DIGEST)).isInstanceOf(NotFound.class);
      assertThat(Channels.newInputStream(reader).readAllBytes()).isEqualTo(HELLO);
    }
  }

  @Test
  void readerSeeksAnywhere() throws IOException {
    put(store, HELLO);
    try (SeekableByteChannel reader = store.open(HELLO_DIGEST)) {
      reader.position(7);
      ByteBuffer four = ByteBuffer.allocate(4);
      while (four.hasRemaining() && reader.read(four) >= 0) {}
      assertThat(new String(four.array(), StandardCharsets.UTF_8)).isEqualTo("blob");
      assertThat(reader.size()).isEqualTo(HELLO.length);
    }
  }

  @Test
  void walkSeesEveryBlobOnce() {
    List<Digest> expected = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      expected.add(put(store, ("blob " + i).getBytes(StandardCharsets.UTF_8)).digest());
    }

    List<Digest> seen = new ArrayList<>();
    store.walk(info -> seen.add(info.digest()));

    assertThat(seen).containsExactlyInAnyOrderElementsOf(expected);
  }

  @Test
  void manyWritersOfTheSameBlobAllSucceed() throws IOException {
    CountDownLatch allWritten = new CountDownLatch(8);
    try (var scope = TaskScope.open("writers")) {
      for (int i = 0; i < 8; i++) {
        String key = "attempt " + i;
        scope.forkAction(
            () -> {
              try (Ingest ingest = store.ingest(key)) {
                ingest.write(ByteBuffer.wrap(HELLO));
                allWritten.countDown();
                allWritten.await();
                ingest.commit(
                    Optional.of(HELLO_DIGEST), OptionalLong.of(HELLO.length), Map.of(key, "1"));
              }
            });
      }
      scope.join();
    }

    assertThat(read(store, HELLO_DIGEST)).isEqualTo(HELLO);
    assertThat(store.find(HELLO_DIGEST).orElseThrow().labels()).hasSize(8);
  }

  @Test
  void readerOfAnIngestGetsWhatWasWrittenBeforeAndAfterItCame() throws IOException {
    try (Ingest ingest = store.ingest("attempt")) {
      ingest.write(ByteBuffer.wrap(HELLO, 0, 5));
      try (IngestReader reader = ingest.follow()) {
        assertThat(some(reader, 100)).isEqualTo("hello");
        assertThat(reader.committed()).isEmpty();

        ingest.write(ByteBuffer.wrap(HELLO, 5, HELLO.length - 5));
        assertThat(some(reader, 2)).isEqualTo(", ");
        BlobInfo blob = ingest.commit(Optional.empty(), OptionalLong.empty(), Map.of());

        assertThat(some(reader, 100)).isEqualTo("blob");
        assertThat(reader.read(ByteBuffer.allocate(1))).isEqualTo(-1);
        assertThat(reader.committed()).contains(blob);
        assertThat(reader.awaitEnd()).contains(blob);
      }
    }
  }

  @Test
  void readerOfAnIngestWaitsForWhatIsStillToCome() throws IOException {
    byte[] content = new byte[1_000_000];
    new Random(3).nextBytes(content);
    try (TaskScope scope = TaskScope.open("reader");
        Ingest ingest = store.ingest("attempt")) {
      IngestReader reader = ingest.follow();
      var read =
          scope.fork(
              () -> {
                try (reader) {
                  return Channels.newInputStream(reader).readAllBytes();
                }
              });
      for (int at = 0; at < content.length; at += 100_000) {
        ingest.write(ByteBuffer.wrap(content, at, 100_000));
      }
      ingest.commit(Optional.empty(), OptionalLong.empty(), Map.of());

      assertThat(read.result()).isEqualTo(content);
    }
  }

  @Test
  void readerOfAnIngestKnowsWhetherItIsWorthItsWhile() {
    try (Ingest ingest = store.ingest("attempt");
        IngestReader reader = ingest.follow()) {
      ingest.write(ByteBuffer.wrap(HELLO));

      assertThat(reader.awaitBytes(HELLO.length)).isTrue();
      ingest.commit(Optional.empty(), OptionalLong.empty(), Map.of());
      assertThat(reader.awaitBytes(HELLO.length + 1)).isFalse();
    }
  }

  @Test
  void readerOfAnIngestOutlivesThatTheBlobWasThereAlreadyAndIsDeleted() throws IOException {
    put(store, HELLO);
    try (Ingest ingest = store.ingest("another attempt");
        IngestReader reader = ingest.follow()) {
      ingest.write(ByteBuffer.wrap(HELLO));
      assertThat(some(reader, 7)).isEqualTo("hello, ");
      ingest.commit(Optional.empty(), OptionalLong.empty(), Map.of());
      store.delete(HELLO_DIGEST);

      assertThat(some(reader, 100)).isEqualTo("blob");
      assertThat(reader.read(ByteBuffer.allocate(1))).isEqualTo(-1);
      assertThat(reader.committed().map(BlobInfo::digest)).contains(HELLO_DIGEST);
    }
  }

  @Test
  void readerOfAnIngestThatIsGivenUpFails() {
    for (Consumer<Ingest> giveUp :
        List.<Consumer<Ingest>>of(
            Ingest::close,
            Ingest::truncate,
            ingest ->
                assertThatThrownBy(
                        () ->
                            ingest.commit(
                                Optional.of(Digest.ofText("other")),
                                OptionalLong.empty(),
                                Map.of()))
                    .isInstanceOf(CorruptData.class))) {
      try (Ingest ingest = store.ingest("attempt");
          IngestReader reader = ingest.follow()) {
        ingest.write(ByteBuffer.wrap(HELLO));
        giveUp.accept(ingest);

        assertThatThrownBy(() -> reader.read(ByteBuffer.allocate(100)))
            .isInstanceOf(EOFException.class);
        assertThat(reader.awaitEnd()).isEmpty();
      }
    }
  }

  @Test
  void readerOfAnIngestThatWaitsIsEndedByItsClose() throws IOException {
    try (TaskScope scope = TaskScope.open("reader");
        Ingest ingest = store.ingest("attempt");
        IngestReader reader = ingest.follow()) {
      var waiting =
          scope.fork(
              () ->
                  assertThatThrownBy(() -> reader.read(ByteBuffer.allocate(100)))
                      .isInstanceOf(ClosedChannelException.class));
      reader.close();

      waiting.result();
      ingest.write(ByteBuffer.wrap(HELLO));
      assertThat(ingest.commit(Optional.empty(), OptionalLong.empty(), Map.of()).digest())
          .isEqualTo(HELLO_DIGEST);
    }
  }

  private static String some(IngestReader reader, int most) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(most);
    reader.read(buffer);
    return new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8);
  }
}
