package dev.slipway.source.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.api.control.ControlGrpc;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.NotFound;
import dev.slipway.layer.testing.UnprivilegedKernel;
import dev.slipway.llb.SourceOp;
import dev.slipway.oci.Digest;
import dev.slipway.oci.Platform;
import dev.slipway.progress.ProgressEvent;
import dev.slipway.progress.ProgressEvent.StatusChanged;
import dev.slipway.progress.VertexProgress;
import dev.slipway.ref.FetchContext;
import dev.slipway.ref.ImmutableRef;
import dev.slipway.ref.testing.RefStoreFixture;
import dev.slipway.rpc.testing.LoopbackServer;
import dev.slipway.session.ConnectedSessions;
import dev.slipway.session.HealthPolicy;
import dev.slipway.session.SessionGroup;
import dev.slipway.session.SessionService;
import dev.slipway.session.testing.LoopbackSession;
import dev.slipway.session.testing.MapTree;
import dev.slipway.session.testing.ServedFiles;
import dev.slipway.snapshot.Mounter.MountedTree;
import dev.slipway.source.Source;
import dev.slipway.task.Clock;
import io.grpc.ManagedChannel;
import io.grpc.protobuf.services.HealthStatusManager;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class LocalSourceTest {
  private static final Platform PLATFORM = Platform.parse("linux/amd64");

  @TempDir Path folder;
  private final MapTree tree = new MapTree();
  private final ServedFiles files = new ServedFiles(tree);
  private final List<ProgressEvent> events = Collections.synchronizedList(new ArrayList<>());
  private RefStoreFixture stores;
  private LoopbackServer server;
  private ConnectedSessions sessions;
  private ManagedChannel outer;
  private LoopbackSession client;
  private LocalSource source;

  @BeforeEach
  void start() {
    stores = new RefStoreFixture(folder.resolve("state"));
    server =
        LoopbackServer.start(
            folder,
            around -> {
              sessions =
                  new ConnectedSessions(
                      around.loops().moving(),
                      around.handlers(),
                      Clock.system(),
                      new ConnectedSessions.Settings(
                          Duration.ofMillis(200), HealthPolicy.STANDARD));
              return List.of(
                  new SessionService(sessions)
                      .bindInto(new ControlGrpc.ControlImplBase() {}.bindService()));
            });
    outer = server.connect();
    client = open("one", "shared");
    source = newSource();
  }

  private LocalSource newSource() {
    return LocalSource.open(
        stores.store, sessions, new UnprivilegedKernel(), ReceivedDigests.none(), Clock.system());
  }

  private LoopbackSession open(String id, String sharedKey) {
    LoopbackSession session =
        LoopbackSession.open(
            outer, id, sharedKey, new HealthStatusManager().getHealthService(), files.service());
    // A source waits for a session, but not for long.
    while (sessions.find(id).isEmpty()) {
      Thread.onSpinWait();
    }
    return session;
  }

  @AfterEach
  void stop() throws InterruptedException {
    files.close();
    client.close();
    LoopbackSession.shut(outer);
    sessions.close();
    server.close();
    assertThat(stores.store.openHolds()).isZero();
    stores.close();
  }

  @Test
  void keysAreThoseOfTheReference() {
    Map<String, String> plain = Map.of("local.session", "av9259d4rnjbe8i70ue3h2cva");
    Map<String, String> patterns =
        Map.of(
            "local.session",
            "l22ii11hbyksrtkn6oh72xo0q",
            "local.includepattern",
            "[\"dir/**\",\"*.txt\"]");
    Map<String, String> followed =
        Map.of("local.session", "qqd27z48wfhq41wif2dn8jbna", "local.followpaths", "[\"link\"]");

    assertThat(key("ctx", plain))
        .isEqualTo(
            "session:ctx:sha256:00e00bee2d8483cdeb55eb1b4f91cb282209701edebdc4f388bf53b16b0a72cd");
    assertThat(key("ctx", patterns))
        .isEqualTo(
            "session:ctx:sha256:06f2d75e8a4d31b8bb27268cfc64457206c6efba04858849c1b6953c15783d6b");
    assertThat(key("ctx", followed))
        .isEqualTo(
            "session:ctx:sha256:0d092f4992f9eeb941524190fdae256d4f6d709f381671a16ebabbc0aec38906");
  }

  @Test
  void aPrefixOfTheSessionKeepsDirectoriesOfTheSameNameApart() {
    assertThat(key("context", Map.of("local.session", "web:one")))
        .startsWith("session:web-context:sha256:");
  }

  @Test
  void withoutASessionThereAreNoLocalFiles() {
    assertThatThrownBy(() -> resolution("ctx", Map.of()).key(0, context(List.of())))
        .isInstanceOf(InvalidRequest.class)
        .hasMessage("could not access local files without session");
    assertThatThrownBy(() -> resolution("ctx", Map.of()).open(context(List.of())))
        .isInstanceOf(NotFound.class);
  }

  @Test
  void aSecondBuildTransfersOnlyWhatChanged() {
    tree.file("a/one", "1").file("b", "b");
    try (ImmutableRef first = open(Map.of())) {
      assertThat(stores.files(first)).isEqualTo(Map.of("a/one", "1", "b", "b"));
    }
    assertThat(files.takeRequestedFiles()).isEqualTo(2);
    tree.file("b", "changed".getBytes(StandardCharsets.UTF_8), 0644, 5L).remove("a");

    try (ImmutableRef second = open(Map.of())) {
      assertThat(stores.files(second)).isEqualTo(Map.of("b", "changed"));
    }

    assertThat(files.takeRequestedFiles()).isEqualTo(1);
  }

  @Test
  void ofFilesThatAreOnlyListedNothingTravels() throws IOException {
    Map<String, String> listed =
        Map.of(
            "local.metadatatransfer",
            "true",
            "local.metadatatransferexclude",
            "[\"dir/**/*1\", \"foo\"]");
    tree.file("data", "d").file("dir/file1", "1").file("dir/file2", "2").file("foo", "f");

    try (ImmutableRef ref = open(listed)) {
      assertThat(namesOf(ref)).containsExactly(".fsutil-metadata", "dir", "dir/file1", "foo");
      assertThat(listOf(ref)).containsExactly("data", "dir", "dir/file1", "dir/file2", "foo");
    }
    assertThat(files.takeRequestedFiles()).isEqualTo(2);
    tree.remove("foo");

    try (ImmutableRef ref = open(listed)) {
      assertThat(namesOf(ref)).containsExactly(".fsutil-metadata", "dir", "dir/file1");
      assertThat(listOf(ref)).containsExactly("data", "dir", "dir/file1", "dir/file2");
    }
    assertThat(files.takeRequestedFiles()).isZero();
  }

  private List<String> namesOf(ImmutableRef ref) throws IOException {
    try (MountedTree mounted = ref.openTree(context(List.of()));
        Stream<Path> all = Files.walk(mounted.root())) {
      return all.filter(path -> !path.equals(mounted.root()))
          .map(path -> mounted.root().relativize(path).toString())
          .sorted()
          .toList();
    }
  }

  private List<String> listOf(ImmutableRef ref) throws IOException {
    List<String> paths = new ArrayList<>();
    try (MountedTree mounted = ref.openTree(context(List.of()))) {
      ByteBuffer list =
          ByteBuffer.wrap(Files.readAllBytes(mounted.root().resolve(".fsutil-metadata")))
              .order(ByteOrder.LITTLE_ENDIAN);
      while (list.hasRemaining()) {
        byte[] message = new byte[list.getInt()];
        list.get(message);
        paths.add(dev.slipway.api.fsutil.Stat.parseFrom(message).getPath());
      }
    }
    return paths;
  }

  @Test
  void aListHasAKeyOfItsOwn() {
    Map<String, String> listed = Map.of("local.session", "s", "local.metadatatransfer", "1");
    String json =
        "{\"SessionID\":\"s\",\"IncludePatterns\":null,\"ExcludePatterns\":null,\"FollowPaths\":null,\"MetadataTransfer\":true}";

    assertThat(key("ctx", listed)).isEqualTo("session:ctx:" + Digest.ofText(json));
  }

  @Test
  void aNewDaemonFindsTheTreeOfTheOldOne() {
    tree.file("a/one", "1").file("b", "b");
    open(Map.of()).close();
    files.takeRequestedFiles();
    stores.killAndReopen();
    source = newSource();

    try (ImmutableRef again = open(Map.of())) {
      assertThat(stores.files(again)).isEqualTo(Map.of("a/one", "1", "b", "b"));
    }

    assertThat(files.takeRequestedFiles()).isZero();
  }

  @Test
  void aTreeThatIsInUseIsNotWrittenInto() {
    tree.file("b", "first");
    try (ImmutableRef used = open(Map.of())) {
      tree.file("b", "second".getBytes(StandardCharsets.UTF_8), 0644, 5L);

      try (ImmutableRef meanwhile = open(Map.of())) {
        assertThat(stores.files(used)).isEqualTo(Map.of("b", "first"));
        assertThat(stores.files(meanwhile)).isEqualTo(Map.of("b", "second"));
      }
    }
  }

  @Test
  void anotherSharedKeyStartsAnew() {
    tree.file("b", "b");
    open(Map.of()).close();
    files.takeRequestedFiles();
    try (LoopbackSession other = open("two", "elsewhere")) {
      open(Map.of("local.session", other.id())).close();
    }

    assertThat(files.takeRequestedFiles()).isEqualTo(1);
  }

  @Test
  void whenTheNamedSessionIsGoneAnotherOfTheBuildIsAsked() {
    tree.file("b", "b");

    try (ImmutableRef ref = open(Map.of("local.session", "long-gone"))) {
      assertThat(stores.files(ref)).isEqualTo(Map.of("b", "b"));
    }
  }

  @Test
  void aFailedTransferIsTakenUpAgain() {
    tree.file("a", "a")
        .put(
            new dev.slipway.fsutil.Stat("../x", 0644, 0, 0, 1, 1, "", 0, 0, Map.of()), new byte[1]);
    assertThatThrownBy(() -> open(Map.of())).isInstanceOf(InvalidRequest.class);
    tree.remove("../x");

    try (ImmutableRef ref = open(Map.of())) {
      assertThat(stores.files(ref)).isEqualTo(Map.of("a", "a"));
    }
  }

  @Test
  void theTransferShowsItsBytesAsTheReferenceDoes() {
    open(Map.of()).close();

    List<StatusChanged> statuses = events.stream().map(StatusChanged.class::cast).toList();
    assertThat(statuses)
        .allSatisfy(status -> assertThat(status.id()).isEqualTo("transferring context:"));
    assertThat(statuses.getLast().current()).isEqualTo(2);
    assertThat(statuses.getLast().completed()).isPresent();
  }

  private String key(String name, Map<String, String> attributes) {
    return resolution(name, attributes).key(0, context(List.of())).text();
  }

  private Source.Resolution resolution(String name, Map<String, String> attributes) {
    return source.resolve(new SourceOp("local://" + name, attributes), PLATFORM);
  }

  private ImmutableRef open(Map<String, String> attributes) {
    return resolution("context", attributes).open(context(List.of(client.id()))).orElseThrow();
  }

  private FetchContext context(List<String> ids) {
    VertexProgress progress =
        new VertexProgress(Digest.ofText("vertex"), events::add, Clock.system());
    return new FetchContext(new SessionGroup(sessions, () -> ids), progress);
  }
}
