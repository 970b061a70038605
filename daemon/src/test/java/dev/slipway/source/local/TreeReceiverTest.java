package dev.slipway.source.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.api.control.ControlGrpc;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.Unsupported;
import dev.slipway.fsutil.FileMode;
import dev.slipway.fsutil.Stat;
import dev.slipway.layer.testing.UnprivilegedKernel;
import dev.slipway.oci.Digest;
import dev.slipway.rpc.testing.LoopbackServer;
import dev.slipway.session.ConnectedSessions;
import dev.slipway.session.FileSyncClient;
import dev.slipway.session.SessionService;
import dev.slipway.session.testing.LoopbackSession;
import dev.slipway.session.testing.MapTree;
import dev.slipway.session.testing.ServedFiles;
import dev.slipway.source.local.LocalIdentifier.Compare;
import dev.slipway.task.Clock;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The receiving of directories, over a real session.
@Timeout(60)
class TreeReceiverTest {
  @TempDir Path folder;
  private final MapTree tree = new MapTree();
  private final ServedFiles files = new ServedFiles(tree);
  private final EntryAttributes attributes =
      EntryAttributes.ofThisProcess(new UnprivilegedKernel());
  private Path root;
  private LoopbackServer server;
  private ConnectedSessions sessions;
  private ManagedChannel outer;
  private LoopbackSession client;
  private SyncedTree known = SyncedTree.empty(SyncedTree.Origin.SYNCHRONISED);
  private final ToldDigests told = new ToldDigests();
  private long bytes;

  @BeforeEach
  void start() throws IOException {
    root = Files.createDirectory(folder.resolve("root"));
    server =
        LoopbackServer.start(
            folder,
            around -> {
              sessions =
                  new ConnectedSessions(
                      around.loops().moving(),
                      around.handlers(),
                      Clock.system(),
                      ConnectedSessions.Settings.STANDARD);
              return List.of(
                  new SessionService(sessions)
                      .bindInto(new ControlGrpc.ControlImplBase() {}.bindService()));
            });
    outer = server.connect();
    client = LoopbackSession.open(outer, files.service());
  }

  @AfterEach
  void stop() throws InterruptedException {
    files.close();
    client.close();
    LoopbackSession.shut(outer);
    sessions.close();
    server.close();
  }

  @Test
  void everyKindOfEntryArrives() throws IOException {
    byte[] big = new byte[3_000_000];
    new Random(1).nextBytes(big);
    tree.file("a/b/one.txt", "one")
        .file("empty", "")
        .file("big", big, 0644, 5_000_000_000L)
        .symlink("a/link", "../../../etc/passwd");
    tree.file("run.sh", new byte[] {1}, 0755, 7_000_000_007L)
        .file("secret", new byte[] {2}, 0600, 1L)
        .hardLink("z", "run.sh");
    tree.directory("odd", 0700, 1_000_000_000_000_000_000L)
        .file("odd/x", "x")
        .file("a-b", "after a/b")
        .file("é/ü", "umlaut");

    sync();

    assertThat(contents())
        .containsEntry("a/b/one.txt", "one")
        .containsEntry("empty", "")
        .containsEntry("a-b", "after a/b");
    assertThat(contents()).containsEntry("é/ü", "umlaut");
    assertThat(Files.readAllBytes(root.resolve("big"))).isEqualTo(big);
    assertThat(Files.readSymbolicLink(root.resolve("a/link"))).hasToString("../../../etc/passwd");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(root.resolve("run.sh"))))
        .isEqualTo("rwxr-xr-x");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(root.resolve("secret"))))
        .isEqualTo("rw-------");
    assertThat(nanos("run.sh")).isEqualTo(7_000_000_007L);
    assertThat(nanos("odd")).isEqualTo(1_000_000_000_000_000_000L);
    assertThat(Files.isSameFile(root.resolve("run.sh"), root.resolve("z"))).isTrue();
  }

  @Test
  void anUnchangedTreeTransfersNoContent() {
    for (int i = 0; i < 500; i++) {
      tree.file("d" + i % 7 + "/f" + i, "content " + i);
    }
    sync();
    assertThat(files.takeRequestedFiles()).isEqualTo(500);

    sync();

    assertThat(files.takeRequestedFiles()).isZero();
    assertThat(contents()).hasSize(500);
  }

  @Test
  void onlyWhatChangedIsTransferred() {
    tree.file("a/one", "1").file("a/two", "2").file("gone/x", "x").file("b", "b");
    sync();
    files.takeRequestedFiles();
    tree.file("a/two", "22".getBytes(StandardCharsets.UTF_8), 0644, 9L)
        .remove("gone")
        .file("new/deep/file", "n");

    sync();

    assertThat(files.takeRequestedFiles()).isEqualTo(2);
    assertThat(contents())
        .isEqualTo(Map.of("a/one", "1", "a/two", "22", "b", "b", "new/deep/file", "n"));
    assertThat(root.resolve("gone")).doesNotExist();
  }

  @Test
  void whatIsOnDiskIsFoundAgainWithoutMemory() {
    tree.file("a/one", "1")
        .symlink("a/s", "one")
        .file("h", "h")
        .hardLink("i", "h")
        .directory("empty", 0755, 3L);
    sync();
    files.takeRequestedFiles();
    known = DiskTree.read(root, attributes.kernel());
    tree.file("a/two", "2");

    sync();

    assertThat(files.takeRequestedFiles()).isEqualTo(1);
    assertThat(contents()).isEqualTo(Map.of("a/one", "1", "a/two", "2", "h", "h", "i", "h"));
  }

  @Test
  void comparingNothingTransfersEverythingAgain() {
    tree.file("Dockerfile", "FROM scratch");
    sync();
    files.takeRequestedFiles();

    sync(Compare.NOTHING);

    assertThat(files.takeRequestedFiles()).isEqualTo(1);
    assertThat(contents()).isEqualTo(Map.of("Dockerfile", "FROM scratch"));
  }

  @Test
  void entriesChangeTheirKind() {
    tree.file("x/deep/file", "1").file("y", "y").symlink("z", "y").file("x2", "2");
    sync();
    tree.remove("x")
        .symlink("x", "/etc")
        .remove("y")
        .file("y/now/dir", "3")
        .remove("z")
        .file("z", "4");

    sync();

    assertThat(contents()).isEqualTo(Map.of("y/now/dir", "3", "z", "4", "x2", "2"));
    assertThat(root.resolve("x")).isSymbolicLink();
    assertThat(Path.of("/etc/deep")).doesNotExist();
  }

  @Test
  void aLinkFollowsAFileThatWasWrittenAnew() throws IOException {
    tree.file("a", "old").hardLink("b", "a");
    sync();
    tree.file("a", "newer".getBytes(StandardCharsets.UTF_8), 0644, 4L).hardLink("b", "a");

    sync();

    assertThat(Files.readString(root.resolve("b"))).isEqualTo("newer");
    assertThat(Files.isSameFile(root.resolve("a"), root.resolve("b"))).isTrue();
  }

  @Test
  void digestsAreThoseOfTheContents() {
    tree.file("a", "hello").file("keep", "kept");
    sync();
    tree.file("a", "changed".getBytes(StandardCharsets.UTF_8), 0644, 8L);

    sync();

    assertThat(told.digests)
        .containsEntry("a", Digest.ofText("0644 changed"))
        .containsEntry("keep", Digest.ofText("0644 kept"));
  }

  @Test
  void whatIsGoneOrReplacedIsUntoldBeforeItChanges() {
    tree.file("a", "hello").file("d/x", "x").file("d/y", "y").symlink("l", "a").hardLink("m", "a");
    sync();
    assertThat(told.digests).containsOnlyKeys("a", "d", "d/x", "d/y", "l", "m");
    tree.remove("d").file("d", "now a file");

    sync();

    assertThat(told.digests)
        .containsOnlyKeys("a", "d", "l", "m")
        .containsEntry("m", Digest.ofText("0644 hello"));
    assertThat(told.digests).containsEntry("d", Digest.ofText("0644 now a file"));
    assertThat(told.unfinished).isZero();
  }

  @Test
  void digestsLostInACrashAreMadeAgainFromDisk() {
    tree.file("a", "hello").file("d/x", "x").symlink("l", "a").hardLink("m", "a");
    sync();
    Map<String, Digest> before = Map.copyOf(told.digests);
    files.takeRequestedFiles();
    told.digests.clear();
    known = DiskTree.read(root, attributes.kernel());

    sync();

    assertThat(told.digests).isEqualTo(before);
    assertThat(files.takeRequestedFiles()).isZero();
  }

  @Test
  void pathsThatLeadOutOfTheTreeAreRefused() {
    for (String path : List.of("../evil", "/etc/evil", "a/../../evil", "missing/parent")) {
      tree.put(new Stat(path, 0644, 0, 0, 1, 1, "", 0, 0, Map.of()), new byte[] {1});

      assertThatThrownBy(this::sync).as(path).isInstanceOf(BuildFailure.class);

      tree.remove(path);
    }
    assertThat(folder.resolve("evil")).doesNotExist();
  }

  @Test
  void aFileBelowALinkIsRefused() {
    tree.put(
        new Stat("link", FileMode.SYMLINK | 0777, 0, 0, 4, 1, "/tmp", 0, 0, Map.of()), new byte[0]);
    tree.put(new Stat("link/evil", 0644, 0, 0, 1, 1, "", 0, 0, Map.of()), new byte[] {1});

    assertThatThrownBy(this::sync).isInstanceOf(InvalidRequest.class);

    assertThat(Path.of("/tmp/evil")).doesNotExist();
  }

  @Test
  void patternsAreSentAndEscapedOnlyWhenTheyMustBe() {
    FileSyncClient.Request request =
        new FileSyncClient.Request(
            "context", List.of("100%", "a b"), List.of("ü x", "plain"), List.of());

    receive(request, Compare.METADATA);

    Metadata headers = files.requests().getLast();
    assertThat(all(headers, "dir-name")).containsExactly("context");
    assertThat(all(headers, "include-patterns")).containsExactly("100%", "a b");
    assertThat(all(headers, "include-patterns-encoded")).isEmpty();
    assertThat(all(headers, "exclude-patterns")).containsExactly("%C3%BC+x", "plain");
    assertThat(all(headers, "exclude-patterns-encoded")).containsExactly("1");
    assertThat(all(headers, "followpaths")).isEmpty();
  }

  @Test
  void anEmptyTreeCountsTwoBytesAsTheReferenceDoes() {
    sync();

    assertThat(bytes).isEqualTo(2);
  }

  @Test
  void aClientWithoutFilesIsToldSo() {
    try (LoopbackSession bare = LoopbackSession.open(outer)) {
      FileSyncClient.Request request =
          new FileSyncClient.Request("context", List.of(), List.of(), List.of());
      try (FileWriters writers = FileWriters.open(attributes, told)) {
        TreeReceiver receiver =
            new TreeReceiver(
                root, known, Compare.METADATA, new TreeReceiver.Tools(attributes, writers, told));

        assertThatThrownBy(
                () ->
                    FileSyncClient.receive(sessions.require(bare.id()), request, receiver, _ -> {}))
            .isInstanceOf(Unsupported.class)
            .hasMessage("no local sources enabled");
      }
    }
  }

  private void sync() {
    sync(Compare.METADATA);
  }

  private void sync(Compare compare) {
    receive(new FileSyncClient.Request("context", List.of(), List.of(), List.of()), compare);
  }

  private void receive(FileSyncClient.Request request, Compare compare) {
    told.unfinished++;
    try (FileWriters writers = FileWriters.open(attributes, told)) {
      TreeReceiver receiver =
          new TreeReceiver(root, known, compare, new TreeReceiver.Tools(attributes, writers, told));
      FileSyncClient.receive(
          sessions.require(client.id()), request, receiver, count -> bytes = count);
      known = receiver.tree();
    }
  }

  private Map<String, String> contents() {
    Map<String, String> contents = new TreeMap<>();
    try (Stream<Path> paths = Files.walk(root)) {
      for (Path path :
          paths.filter(path -> Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)).toList()) {
        contents.put(
            root.relativize(path).toString(),
            Files.size(path) > 1000 ? "big" : Files.readString(path));
      }
    } catch (IOException failed) {
      throw new IllegalStateException(failed);
    }
    return contents;
  }

  private long nanos(String path) throws IOException {
    return Files.getLastModifiedTime(root.resolve(path), LinkOption.NOFOLLOW_LINKS)
        .to(TimeUnit.NANOSECONDS);
  }

  private static List<String> all(Metadata headers, String key) {
    Iterable<String> values =
        headers.getAll(Metadata.Key.of(key, Metadata.ASCII_STRING_MARSHALLER));
    return values == null
        ? List.of()
        : Stream.iterate(values.iterator(), i -> i.hasNext(), i -> i).map(i -> i.next()).toList();
  }

  /// Remembers what was told; headers are the mode as octal text.
  private static final class ToldDigests implements ReceivedDigests.Receiving {
    private final Map<String, Digest> digests = new ConcurrentHashMap<>();
    private int unfinished;

    @Override
    public MessageDigest start(Stat entry) {
      MessageDigest hash = Digest.newSha256();
      hash.update(String.format("%04o ", entry.mode() & 07777).getBytes(StandardCharsets.UTF_8));
      return hash;
    }

    @Override
    public Optional<Digest> known(String path) {
      return Optional.ofNullable(digests.get(path));
    }

    @Override
    public void changing(String path) {
      digests.keySet().removeIf(other -> other.equals(path) || other.startsWith(path + "/"));
    }

    @Override
    public void entry(Stat entry, Digest digest) {
      digests.put(entry.path(), digest);
    }

    @Override
    public void finish() {
      unfinished--;
    }
  }
}
