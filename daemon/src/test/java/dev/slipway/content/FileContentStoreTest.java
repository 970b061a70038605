package dev.slipway.content;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.content.testing.ContentStoreContract;
import dev.slipway.failure.NotFound;
import dev.slipway.failure.WrongState;
import dev.slipway.metadata.MetadataDatabase;
import dev.slipway.oci.Digest;
import dev.slipway.task.Clock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FileContentStoreTest extends ContentStoreContract {
  @TempDir Path root;
  private final List<String> givenToDisk = new ArrayList<>();
  private MetadataDatabase database;

  @Override
  protected ContentStore openStore() {
    database =
        MetadataDatabase.open(root.resolve("metadata.db"), List.of(FileContentStore.schema()));
    return FileContentStore.open(
        root.resolve("content"),
        database,
        Clock.system(),
        (file, offset, bytes) -> {
          givenToDisk.add(offset + "+" + bytes);
          throw new WrongState("this disk cannot");
        });
  }

  @AfterEach
  void closeDatabase() {
    database.close();
  }

  /// What a start after `kill -9` does: nothing is closed in order.
  private ContentStore reopen() {
    database.close();
    return openStore();
  }

  private Path blobFile(Digest digest) {
    return root.resolve("content/blobs/sha256").resolve(digest.hex());
  }

  @Test
  void blobsAndLabelsAreThereAfterARestart() throws IOException {
    put(store(), HELLO);
    store().label(HELLO_DIGEST, Map.of("containerd.io/gc.root", "2026"));
    BlobInfo before = store().find(HELLO_DIGEST).orElseThrow();

    ContentStore reopened = reopen();

    assertThat(read(reopened, HELLO_DIGEST)).isEqualTo(HELLO);
    assertThat(reopened.find(HELLO_DIGEST).orElseThrow().labels()).isEqualTo(before.labels());
    assertThat(reopened.find(HELLO_DIGEST).orElseThrow().bytes()).isEqualTo(HELLO.length);
  }

  @Test
  void theDiskIsGivenALargeBlobWhileItIsWritten() throws IOException {
    byte[] blob = new byte[20 << 20];
    try (Ingest ingest = store().ingest("large")) {
      for (int at = 0; at < blob.length; at += 5 << 20) {
        ingest.write(ByteBuffer.wrap(blob, at, 5 << 20));
      }
      assertThat(givenToDisk).containsExactly("0+10485760", "10485760+10485760");
      // That it could not was no harm.
      ingest.commit(Optional.empty(), OptionalLong.of(blob.length), Map.of());
    }

    assertThat(read(store(), Digest.ofBytes(blob))).isEqualTo(blob);
  }

  @Test
  void unfinishedAttemptIsResumedAfterARestart() throws IOException {
    Ingest killed = store().ingest(HELLO_DIGEST.toString());
    killed.write(ByteBuffer.wrap(HELLO, 0, 3));

    ContentStore reopened = reopen();

    try (Ingest resumed = reopened.ingest(HELLO_DIGEST.toString())) {
      assertThat(resumed.offset()).isEqualTo(3);
      resumed.write(ByteBuffer.wrap(HELLO, 3, HELLO.length - 3));
      resumed.commit(Optional.of(HELLO_DIGEST), OptionalLong.empty(), Map.of());
    }
    assertThat(read(reopened, HELLO_DIGEST)).isEqualTo(HELLO);
    killed.close();
  }

  @Test
  void attemptThatNobodyCanResumeIsSweptAtStart() throws IOException {
    try (Ingest killed = store().ingest("a layer being made")) {
      killed.write(ByteBuffer.wrap(HELLO));
      reopen();
      try (var left = Files.list(root.resolve("content/ingest"))) {
        assertThat(left).isEmpty();
      }
    }
  }

  @Test
  void attemptThatNobodyResumedForADayIsSwept() throws IOException {
    String digest = "sha256:" + "a".repeat(64);
    try (Ingest attempt = store().ingest(digest)) {
      attempt.write(ByteBuffer.wrap(new byte[] {1}));
    }
    try (var files = Files.newDirectoryStream(root.resolve("content/ingest"))) {
      for (Path file : files) {
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(Duration.ofHours(25))));
      }
    }

    store().sweepIngests();

    try (Ingest again = store().ingest(digest)) {
      assertThat(again.offset()).isZero();
    }
  }

  @Test
  void fileWithoutRecordIsSweptAtStart() throws IOException {
    Path stray = blobFile(HELLO_DIGEST);
    Files.write(stray, HELLO);
    Path nonsense = stray.resolveSibling("nonsense");
    Files.write(nonsense, HELLO);

    ContentStore reopened = reopen();

    assertThat(reopened.find(HELLO_DIGEST)).isEmpty();
    assertThat(stray).doesNotExist();
    assertThat(nonsense).doesNotExist();
  }

  @Test
  void recordWithoutFileIsForgottenAtStart() throws IOException {
    put(store(), HELLO);
    Files.delete(blobFile(HELLO_DIGEST));

    ContentStore reopened = reopen();

    assertThat(reopened.find(HELLO_DIGEST)).isEmpty();
    assertThatThrownBy(() -> reopened.open(HELLO_DIGEST)).isInstanceOf(NotFound.class);
    put(reopened, HELLO);
    assertThat(read(reopen(), HELLO_DIGEST)).isEqualTo(HELLO);
  }

  @Test
  void tornFileIsNotTakenForTheBlob() throws IOException {
    put(store(), HELLO);
    Files.write(blobFile(HELLO_DIGEST), new byte[] {1, 2});

    ContentStore reopened = reopen();

    assertThat(reopened.find(HELLO_DIGEST)).isEmpty();
    assertThat(blobFile(HELLO_DIGEST)).doesNotExist();
  }

  @Test
  void lostDatabaseLeavesAnEmptyButWorkingStore() throws IOException {
    put(store(), HELLO);
    database.close();
    Files.write(
        root.resolve("metadata.db"),
        "this is no database, not even nearly"
            .repeat(400)
            .getBytes(java.nio.charset.StandardCharsets.UTF_8));

    ContentStore reopened = openStore();

    assertThat(reopened.find(HELLO_DIGEST)).isEmpty();
    put(reopened, HELLO);
    assertThat(read(reopened, HELLO_DIGEST)).isEqualTo(HELLO);
  }
}
