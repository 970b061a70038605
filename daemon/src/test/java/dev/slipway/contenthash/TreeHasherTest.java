package dev.slipway.contenthash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.contenthash.ContentHasher.Selection;
import dev.slipway.contenthash.testing.FolderRef;
import dev.slipway.contenthash.testing.GoldenTrees;
import dev.slipway.contenthash.testing.GoldenTrees.GoldenEntry;
import dev.slipway.failure.CorruptData;
import dev.slipway.fsutil.FileMode;
import dev.slipway.fsutil.Stat;
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
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TreeHasherTest {
  private static final Selection ROOT = Selection.path("/", false);
  private static final RefDescription LOCAL = new RefDescription("local source for context", RecordType.SOURCE_LOCAL);

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

  private static Stat stat(GoldenEntry entry) {
    int mode = entry.mode() & 0777;
    mode |= (entry.mode() & 04000) != 0 ? FileMode.SETUID : 0;
    mode |= (entry.mode() & 02000) != 0 ? FileMode.SETGID : 0;
    mode |= (entry.mode() & 01000) != 0 ? FileMode.STICKY : 0;
    mode |=
        switch (entry.type()) {
          case "dir" -> FileMode.DIRECTORY;
          case "symlink" -> FileMode.SYMLINK;
          case "fifo" -> FileMode.NAMED_PIPE;
          default -> 0;
        };
    return new Stat(
        entry.path(), mode, entry.uid(), entry.gid(), entry.data().length, 0, entry.target(), 0, 0, Map.of());
  }

  /// Syncs these entries under the tag and tells the hasher; only of the named files it tells the digest.
  private ImmutableRef sync(List<GoldenEntry> entries, Predicate<String> digestTold) {
    try (MutableRef ref = fixture.store.openTagged("local", Optional.empty(), LOCAL, fixture.context())) {
      ImmutableRef committed = ref.commit();
      SyncedDigests told = hasher.synced(committed.id());
      for (GoldenEntry entry : entries) {
        Stat stat = stat(entry);
        Optional<Digest> digest = Optional.empty();
        if (stat.isRegular() && digestTold.test(entry.path())) {
          MessageDigest hash = SyncedDigests.begin(stat);
          hash.update(entry.data());
          digest = Optional.of(Digest.ofSha256(hash));
        }
        told.entry(stat, digest);
      }
      told.finish();
      return committed;
    }
  }

  private static List<GoldenEntry> sorted(String tree) {
    List<GoldenEntry> entries = new ArrayList<>(GoldenTrees.trees().getOrDefault(tree, List.of()));
    entries.sort(java.util.Comparator.comparing(entry -> entry.path().replace('/', '\0')));
    return entries;
  }

  private static GoldenEntry file(String path, String data) {
    return new GoldenEntry(path, "file", 0644, 0, 0, data.getBytes(StandardCharsets.UTF_8), "", Map.of(), 0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"mixed", "names", "modes", "owners", "links", "special", "empty", "hardlinks"})
  void toldTreeHasTheDigestOfTheSameTreeOnDisk(String tree) {
    view = new MemoryTree(sorted(tree));
    Digest read = digest(ref(LOCAL), ROOT);
    int reads = view.hashed.get();

    try (ImmutableRef synced = sync(sorted(tree), _ -> true)) {
      assertThat(digest(synced, ROOT)).isEqualTo(read);
    }
    assertThat(view.hashed).hasValue(reads);
  }

  @Test
  void unchangedFilesKeepTheDigestFromBeforeTheSync() {
    List<GoldenEntry> first = List.of(file("changed", "1"), file("same", "same"));
    List<GoldenEntry> second = List.of(file("changed", "2"), file("new", "n"), file("same", "same"));
    view = new MemoryTree(second);
    try (ImmutableRef synced = sync(first, _ -> true)) {
      digest(synced, ROOT);
    }
    hasher.flush();
    hasher = new TreeHasher(_ -> view, database);
    fixture.store.onReplaced(hasher::replaced);

    try (ImmutableRef synced = sync(second, path -> !path.equals("same"))) {
      assertThat(digest(synced, ROOT)).isEqualTo(digest(ref(LOCAL), ROOT));
    }
    assertThat(view.hashed).as("only by the comparison itself").hasValue(3);
    assertThat(rows()).isZero();
  }

  @Test
  void changedTreeNobodyToldAboutIsReadAnew() {
    fixture.store.onReplaced(hasher::replaced);
    view = new MemoryTree(List.of(file("f", "1")));
    Digest before;
    try (MutableRef ref = fixture.store.openTagged("local", Optional.empty(), LOCAL, fixture.context());
        ImmutableRef committed = ref.commit()) {
      before = digest(committed, ROOT);
    }
    view = new MemoryTree(List.of(file("f", "2")));
    try (MutableRef ref = fixture.store.openTagged("local", Optional.empty(), LOCAL, fixture.context());
        ImmutableRef committed = ref.commit()) {
      assertThat(digest(committed, ROOT)).isNotEqualTo(before);
    }
  }

  @Test
  void rootOfASyncedDirectoryCountsAsEmpty() {
    assertThat(digest(ref(LOCAL), ROOT)).isNotEqualTo(digest(ref(RefDescription.regular("step")), ROOT));
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
    List<Long> counted = database.read(sql -> sql.query("SELECT count(*) FROM content_digests", row -> row.number(1)));
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
                "d" + i + "/f" + j, "file", 0644, 0, 0, ("content " + i + j).getBytes(StandardCharsets.UTF_8), "", Map.of(), 0));
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
