package dev.slipway.contenthash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.contenthash.ContentHasher.Selection;
import dev.slipway.contenthash.testing.FolderRef;
import dev.slipway.contenthash.testing.GoldenTrees;
import dev.slipway.contenthash.testing.GoldenTrees.GoldenEntry;
import dev.slipway.failure.CorruptData;
import dev.slipway.metadata.MetadataDatabase;
import dev.slipway.oci.Digest;
import dev.slipway.ref.ImmutableRef;
import dev.slipway.ref.MutableRef;
import dev.slipway.ref.RefDescription;
import dev.slipway.ref.RefDescription.RecordType;
import dev.slipway.ref.RefId;
import dev.slipway.ref.RefStore.PrunePolicy;
import dev.slipway.ref.testing.RefStoreFixture;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TreeHasherTest {
  private static final Selection ROOT = Selection.path("/", false);
  private static final RefDescription LOCAL =
      new RefDescription("local source for context", RecordType.SOURCE_LOCAL);

  @TempDir Path folder;
  private RefStoreFixture fixture;
  private MetadataDatabase database;
  private MemoryTree view = new MemoryTree(GoldenTrees.trees().getOrDefault("mixed", List.of()));
  private TreeHasher hasher;

  @BeforeEach
  void open() {
    fixture = new RefStoreFixture(folder);
    reopen();
  }

  private void reopen() {
    if (database != null) {
      database.close();
    }
    database = MetadataDatabase.open(folder.resolve("digests.db"), List.of(TreeHasher.schema()));
    hasher = new TreeHasher(_ -> view, database);
  }

  @AfterEach
  void close() {
    database.close();
    fixture.close();
  }

  private FolderRef ref(RefDescription description) {
    return new FolderRef(RefId.random(), folder, description);
  }

  private Digest digest(ImmutableRef ref, Selection... selections) {
    return hasher.digest(ref, List.of(selections), fixture.context());
  }

  @Test
  void secondQuestionReadsNothing() {
    FolderRef ref = ref(RefDescription.regular("step"));
    Digest first = digest(ref, ROOT);
    int hashed = view.hashed.get();

    assertThat(digest(ref, ROOT)).isEqualTo(first);
    assertThat(digest(ref, Selection.path("dir/b.txt", false))).isNotEqualTo(first);
    assertThat(view.hashed).hasValue(hashed);
    assertThat(ref.mounted).hasValue(1);
    assertThat(ref.unmounted).hasValue(1);
  }

  @Test
  void onlyWhatIsAskedForIsRead() {
    FolderRef ref = ref(RefDescription.regular("step"));

    digest(ref, Selection.path("dir/nested/c.txt", false));

    assertThat(view.hashed).hasValue(1);
    assertThat(view.listed).hasValue(3);
  }

  @Test
  void learntDigestsSurviveARestart() {
    FolderRef ref = ref(RefDescription.regular("step"));
    Digest before = digest(ref, ROOT);
    hasher.close();
    reopen();
    view = new MemoryTree(List.of());

    assertThat(digest(ref, ROOT)).isEqualTo(before);
    assertThat(ref.mounted).hasValue(1);
  }

  @Test
  void tornDigestsAreComputedAgain() {
    FolderRef ref = ref(RefDescription.regular("step"));
    Digest before = digest(ref, ROOT);
    hasher.close();
    database.write(sql -> sql.execute("UPDATE content_digests SET nodes = substr(nodes, 1, 100)"));
    reopen();

    assertThat(digest(ref, ROOT)).isEqualTo(before);
  }

  @Test
  void severalSelectionsAreJoinedAndNoneMeansTheWholeTree() {
    FolderRef ref = ref(RefDescription.regular("step"));
    Digest a = digest(ref, Selection.path("a.txt", false));
    Digest b = digest(ref, Selection.path("dir", false));

    assertThat(digest(ref, Selection.path("a.txt", false), Selection.path("dir", false)))
        .isEqualTo(Digest.ofText(a + "\0" + b));
    assertThat(digest(ref)).isEqualTo(digest(ref, ROOT));
  }

  @Test
  void syncedDirectoryIsKnownWithoutReadingIt() {
    List<GoldenEntry> entries = GoldenTrees.trees().getOrDefault("mixed", List.of());
    Digest synced;
    try (MutableRef sync =
        fixture.store.openTagged("local", Optional.empty(), LOCAL, fixture.context())) {
      LocalTree local = hasher.local(sync);
      for (GoldenEntry entry : entries) {
        Digest digest = Digest.ofText(entry.path());
        switch (entry.type()) {
          case "dir" -> local.directory(entry.path(), digest);
          case "symlink" -> local.link(entry.path(), entry.target(), digest);
          default -> local.file(entry.path(), digest);
        }
      }
      local.save();
      try (ImmutableRef committed = sync.commit()) {
        synced = digest(committed, ROOT);
        assertThat(digest(committed, Selection.path("a.txt", false)))
            .isEqualTo(Digest.ofText("a.txt"));
      }
    }
    assertThat(view.hashed).hasValue(0);

    reopen();
    try (MutableRef again =
        fixture.store.openTagged("local", Optional.empty(), LOCAL, fixture.context())) {
      LocalTree local = hasher.local(again);
      assertThat(local.known("dir/b.txt")).contains(Digest.ofText("dir/b.txt"));
      local.file("dir/b.txt", Digest.ofText("changed"));
      try (ImmutableRef committed = again.commit()) {
        assertThat(digest(committed, ROOT)).isNotEqualTo(synced);
        assertThat(digest(committed, Selection.path("dir/b.txt", false)))
            .isEqualTo(Digest.ofText("changed"));
      }
    }
    try (MutableRef third =
        fixture.store.openTagged("local", Optional.empty(), LOCAL, fixture.context())) {
      hasher.local(third).file("dir/b.txt", Digest.ofText("dir/b.txt"));
      try (ImmutableRef committed = third.commit()) {
        assertThat(digest(committed, ROOT)).isEqualTo(synced);
      }
    }
    assertThat(view.listed).hasValue(0);
  }

  @Test
  void deletedAndReplacedEntriesLeaveTheDigest() {
    try (MutableRef sync =
        fixture.store.openTagged("local", Optional.empty(), LOCAL, fixture.context())) {
      LocalTree local = hasher.local(sync);
      local.file("kept", Digest.ofText("1"));
      try (ImmutableRef committed = sync.commit()) {
        Digest onlyKept = digest(committed, ROOT);

        local.directory("d", Digest.ofText("d"));
        local.file("d/x", Digest.ofText("x"));
        Digest withDirectory = digest(committed, ROOT);
        local.file("d", Digest.ofText("now a file"));
        Digest withFile = digest(committed, ROOT);
        local.delete("d");

        assertThat(digest(committed, ROOT)).isEqualTo(onlyKept);
        assertThat(List.of(onlyKept, withDirectory, withFile)).doesNotHaveDuplicates();
        assertThat(local.known("d/x")).isEmpty();
      }
    }
  }

  @Test
  void changedTreeNobodyToldAboutIsReadAnew() {
    fixture.store.onContentOpened(hasher::opened);
    view = new MemoryTree(List.of(file("f", "1")));
    Digest before = syncedDigest();
    assertThat(syncedDigest()).isEqualTo(before);

    view = new MemoryTree(List.of(file("f", "2")));

    assertThat(syncedDigest()).isNotEqualTo(before);
  }

  private Digest syncedDigest() {
    try (MutableRef ref =
            fixture.store.openTagged("local", Optional.empty(), LOCAL, fixture.context());
        ImmutableRef committed = ref.commit()) {
      return digest(committed, ROOT);
    }
  }

  private static GoldenEntry file(String path, String data) {
    return new GoldenEntry(
        path, "file", 0644, 0, 0, data.getBytes(StandardCharsets.UTF_8), "", Map.of(), 0);
  }

  @Test
  void rootOfASyncedDirectoryCountsAsEmpty() {
    assertThat(digest(ref(LOCAL), ROOT))
        .isNotEqualTo(digest(ref(RefDescription.regular("step")), ROOT));
  }

  @Test
  void digestsGoWithTheLastRefOfTheContent() {
    TreeHasher registered = new TreeHasher(_ -> view, database);
    fixture.store.onContentGone(registered::forget);
    try (ImmutableRef made = fixture.step(Optional.empty(), "a=1")) {
      registered.digest(made, List.of(ROOT), fixture.context());
      registered.flush();
    }
    assertThat(rows()).isEqualTo(1);

    fixture.store.prune(new PrunePolicy(true, List.of(), Duration.ZERO, 0, 0, 0), _ -> {});

    assertThat(rows()).isZero();
  }

  private long rows() {
    List<Long> counted =
        database.read(
            sql -> sql.query("SELECT count(*) FROM content_digests", row -> row.number(1)));
    return counted.getFirst();
  }

  @Test
  void largeTreeIsHashedAndRememberedWholly() {
    List<GoldenEntry> many = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      many.add(new GoldenEntry("d" + i, "dir", 0755, 0, 0, new byte[0], "", Map.of(), 0));
      for (int j = 0; j < 10; j++) {
        many.add(
            new GoldenEntry(
                "d" + i + "/f" + j,
                "file",
                0644,
                0,
                0,
                ("content " + i + j).getBytes(StandardCharsets.UTF_8),
                "",
                Map.of(),
                0));
      }
    }
    view = new MemoryTree(many);
    FolderRef ref = ref(RefDescription.regular("step"));
    Digest first = digest(ref, ROOT);
    assertThat(view.hashed).hasValue(1 + 200 + 2000);
    hasher.flush();
    reopen();

    assertThat(digest(ref, ROOT)).isEqualTo(first);
    assertThat(view.hashed).hasValue(2201);
  }

  @Test
  void tornBytesAreNeverTakenForATree() {
    Node root = Node.root();
    HashedTree tree = new HashedTree(root);
    tree.digest("", false, () -> view);
    byte[] whole = tree.encode();

    for (int length = 0; length < whole.length; length += 7) {
      byte[] torn = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> NodeCodec.decode(torn)).isInstanceOf(CorruptData.class);
    }
    assertThat(NodeCodec.encode(NodeCodec.decode(whole))).isEqualTo(whole);
  }
}
