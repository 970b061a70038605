package dev.slipway.source.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.slipway.api.secrets.GetSecretRequest;
import dev.slipway.api.secrets.GetSecretResponse;
import dev.slipway.api.secrets.SecretsGrpc;
import dev.slipway.api.upload.BytesMessage;
import dev.slipway.api.upload.UploadGrpc;
import dev.slipway.failure.CorruptData;
import dev.slipway.failure.Denied;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.NotFound;
import dev.slipway.frontend.ResolvedSource;
import dev.slipway.frontend.SourceQuery.ChecksumAlgorithm;
import dev.slipway.frontend.SourceQuery.ChecksumQuery;
import dev.slipway.layer.testing.UnprivilegedKernel;
import dev.slipway.llb.SourceOp;
import dev.slipway.oci.Digest;
import dev.slipway.oci.Platform;
import dev.slipway.progress.ProgressSink;
import dev.slipway.progress.VertexProgress;
import dev.slipway.ref.BuildMemory;
import dev.slipway.ref.FetchContext;
import dev.slipway.ref.ImmutableRef;
import dev.slipway.ref.RefStore;
import dev.slipway.ref.testing.RefStoreFixture;
import dev.slipway.session.SessionGroup;
import dev.slipway.session.testing.SessionFixture;
import dev.slipway.snapshot.Mounter.MountedTree;
import dev.slipway.source.KnownTrees;
import dev.slipway.source.Source.Resolution;
import dev.slipway.task.Clock;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class HttpSourceTest {
  private static final Platform PLATFORM = Platform.parse("linux/amd64");
  private static final String MODIFIED = "Tue, 14 Nov 2023 22:13:20 GMT";

  @TempDir Path folder;
  private final Map<String, Page> pages = new ConcurrentHashMap<>();
  private final List<String> requests = Collections.synchronizedList(new ArrayList<>());
  private HttpServer server;
  private HttpConnections client;
  private RefStoreFixture stores;
  private SessionFixture clients;
  private HttpSource source;
  private List<String> sessionIds = List.of();
  private List<BuildMemory> remembering = List.of();
  private final List<String> encodings = Collections.synchronizedList(new ArrayList<>());

  private record Page(int status, String body, Map<String, String> headers) {}

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
    client = new HttpConnections();
    stores = new RefStoreFixture(Files.createDirectory(folder.resolve("state")));
    clients = new SessionFixture(folder);
    source = newSource();
    page("/a.txt", "gold http body a\n", Map.of());
    page(
        "/both.txt",
        "gold http body both\n",
        Map.of("ETag", "\"gold-etag-2\"", "Last-Modified", MODIFIED));
    page(
        "/disp",
        "gold http body disposition\n",
        Map.of("Content-Disposition", "attachment; filename=\"named.txt\""));
    page("/etag.txt", "gold http body etag\n", Map.of("ETag", "\"gold-etag-1\""));
    page("/lastmod.txt", "gold http body lastmod\n", Map.of("Last-Modified", MODIFIED));
  }

  @AfterEach
  void stop() {
    client.close();
    server.stop(0);
    clients.close();
    assertThat(stores.store.openHolds()).isZero();
    stores.close();
  }

  private void page(String path, String body, Map<String, String> headers) {
    pages.put(path, new Page(200, body, headers));
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      Page page = pages.getOrDefault(path, new Page(404, "", Map.of()));
      String match = String.valueOf(exchange.getRequestHeaders().getFirst("If-None-Match"));
      boolean same =
          page.headers().containsKey("ETag") && match.contains(page.headers().get("ETag"));
      requests.add(
          exchange.getRequestMethod()
              + " "
              + path
              + " "
              + exchange.getRequestHeaders().getFirst("Authorization"));
      page.headers().forEach(exchange.getResponseHeaders()::set);
      encodings.add(String.valueOf(exchange.getRequestHeaders().getFirst("Accept-Encoding")));
      byte[] body = page.body().getBytes(StandardCharsets.ISO_8859_1);
      boolean bare = same || exchange.getRequestMethod().equals("HEAD");
      exchange.sendResponseHeaders(same ? 304 : page.status(), bare ? -1 : body.length);
      if (!bare) {
        exchange.getResponseBody().write(body);
      }
    }
  }

  @Test
  void keysAreThoseOfTheReference() {
    assertThat(key("/a.txt", Map.of()))
        .isEqualTo("sha256:3b2f6658dabc0572368a3f4b31ec4d918f25a1b6a32d368611cdc8f3e592c4b8");
    assertThat(
            key(
                "/a.txt",
                Map.of(
                    "http.filename", "z", "http.perm", "0600", "http.uid", "1", "http.gid", "2")))
        .isEqualTo("sha256:62a60a7f9ccd9e4fe13dcd4041448d0096c263c30b029a8a3590e21e54d21a87");
    assertThat(key("/disp", Map.of()))
        .isEqualTo("sha256:6f64f347c996e504dfbe19874f1e53d18ef08f6e1fa10cb089004a7f3eda7e8b");
    assertThat(key("/both.txt", Map.of()))
        .isEqualTo("sha256:877a8f7bab43183ad743e59721c2bfeab26087c8921b33a2821f1598c61cdb90");
    assertThat(key("/a.txt", Map.of("http.perm", "0751")))
        .isEqualTo("sha256:a78b4a9f8f3686f755635969a8b2fc3129a2a8ee09467075a1cd44b806ed6b98");
    assertThat(key("/a.txt", Map.of("http.uid", "11", "http.gid", "22")))
        .isEqualTo("sha256:bf384ed82050aa00251713ada3c1e5da4b1845f47e9eefd67bf067d3aa7101fa");
    assertThat(
            key(
                "/a.txt",
                Map.of(
                    "http.header.user-agent",
                    "gold",
                    "http.header.accept",
                    "text/plain",
                    "http.header.x",
                    "y")))
        .isEqualTo("sha256:ca0909c22d6949ef0fd1854bbee8331f0c8d2a364aaee434156f856ec31a52b5");
    assertThat(key("/lastmod.txt", Map.of()))
        .isEqualTo("sha256:d3678c6bf1dc529863156eeece229e887deda2e24430cc29df89cedad1c358f7");
    assertThat(key("/etag.txt", Map.of()))
        .isEqualTo("sha256:d8f36fc75059107ce199a5777b022c72af2dfc5a4496c18b09e5b44d897be63a");
    assertThat(key("/a.txt", Map.of("http.filename", "renamed")))
        .isEqualTo("sha256:fcb85393679e93553a9144c5116786be9758b5ad0c2d2096e1970afc14ae8276");
  }

  @Test
  void aKnownChecksumNeedsNoRequestForItsKey() {
    String checksum = Digest.ofText("gold http body a\n").toString();

    assertThat(key("/a.txt", Map.of("http.checksum", checksum)))
        .isEqualTo("sha256:3b2f6658dabc0572368a3f4b31ec4d918f25a1b6a32d368611cdc8f3e592c4b8");

    assertThat(requests).isEmpty();
  }

  @Test
  void theFileHasTheAskedModeAndTheServersTime() throws IOException {
    Resolution resolution = resolution("/lastmod.txt", Map.of("http.perm", "0640"));
    resolution.key(0, context());

    try (ImmutableRef ref = resolution.open(context()).orElseThrow();
        MountedTree tree = ref.openTree(context())) {
      Path file = tree.root().resolve("lastmod.txt");
      assertThat(Files.readString(file)).isEqualTo("gold http body lastmod\n");
      assertThat(Files.getLastModifiedTime(file).toInstant())
          .isEqualTo(Instant.parse("2023-11-14T22:13:20Z"));
    }
    assertThat(requests).hasSize(1);
  }

  @Test
  void whatHasNotChangedIsNotFetchedAgain() {
    fetch("/etag.txt", Map.of());
    requests.clear();

    String again = fetch("/etag.txt", Map.of());

    assertThat(again).isEqualTo("gold http body etag\n");
    assertThat(requests).containsExactly("HEAD /etag.txt null");
  }

  @Test
  void norByTheNextDaemon() {
    fetch("/both.txt", Map.of());
    requests.clear();
    stores.killAndReopen();
    source = newSource();

    String key = key("/both.txt", Map.of());

    assertThat(key)
        .isEqualTo("sha256:877a8f7bab43183ad743e59721c2bfeab26087c8921b33a2821f1598c61cdb90");
    assertThat(fetch("/both.txt", Map.of())).isEqualTo("gold http body both\n");
    assertThat(requests).containsOnly("HEAD /both.txt null");
  }

  @Test
  void whatIsGoneIsFetchedAgain() {
    fetch("/etag.txt", Map.of());
    stores.store.prune(new RefStore.PrunePolicy(true, List.of(), Duration.ZERO, 0, 0, 0), _ -> {});
    requests.clear();

    assertThat(fetch("/etag.txt", Map.of())).isEqualTo("gold http body etag\n");
    assertThat(requests).containsExactly("GET /etag.txt null");
  }

  @Test
  void withinOneBuildTheContentStaysWhatItWasFirst() {
    try (BuildMemory build = new BuildMemory("build");
        BuildMemory other = new BuildMemory("other")) {
      remembering = List.of(build);
      SourceOp op = new SourceOp(url("/etag.txt"), Map.of());
      Digest first = source.metadata(op, Optional.empty(), context()).checksum();
      stores.store.prune(
          new RefStore.PrunePolicy(true, List.of(), Duration.ZERO, 0, 0, 0), _ -> {});
      page("/etag.txt", "new\n", Map.of("ETag", "\"new\""));

      assertThat(first).isEqualTo(Digest.ofText("gold http body etag\n"));
      assertThat(fetch("/etag.txt", Map.of())).isEqualTo("gold http body etag\n");
      remembering = List.of(other);
      assertThat(fetch("/etag.txt", Map.of())).isEqualTo("new\n");
    }
    remembering = List.of();
  }

  @Test
  void compressedBodiesAreUnpacked() throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
      gzip.write("gold http body a\n".getBytes(StandardCharsets.UTF_8));
    }
    page(
        "/packed",
        packed.toString(StandardCharsets.ISO_8859_1),
        Map.of("Content-Encoding", "gzip"));

    assertThat(fetch("/packed", Map.of())).isEqualTo("gold http body a\n");
    assertThat(encodings).containsOnly("gzip");
  }

  @Test
  void metadataTellsTimeNameAndTheAskedChecksum() {
    SourceOp op = new SourceOp(url("/lastmod.txt"), Map.of());
    ChecksumQuery query =
        new ChecksumQuery(ChecksumAlgorithm.SHA384, "end".getBytes(StandardCharsets.UTF_8));

    ResolvedSource.Http found = source.metadata(op, Optional.of(query), context());

    assertThat(found.filename()).isEqualTo("lastmod.txt");
    assertThat(found.lastModified()).contains(Instant.parse("2023-11-14T22:13:20Z"));
    assertThat(found.asked().orElseThrow().digest())
        .isEqualTo(sha384("gold http body lastmod\nend"));
  }

  @Test
  void aDownloadIsGivenWhenItIsSignedAsTheBuildInsists() throws IOException {
    page("/signed", signed("content"), Map.of("ETag", "\"signed\""));
    page("/other", "other", Map.of());
    Map<String, String> signature =
        Map.of(
            "http.sig.pubkey", signed("rsa.pub"), "http.sig.signature", signed("rsa.content.asc"));

    assertThat(fetch("/signed", signature)).isEqualTo("a download that is signed");
    assertThat(key("/signed", signature)).isEqualTo(key("/signed", Map.of()));
    assertThatThrownBy(() -> key("/other", signature))
        .isInstanceOf(Denied.class)
        .hasMessageStartingWith("failed to verify pgp signature: signature by ");
    assertThatThrownBy(
            () ->
                source.metadata(
                    new SourceOp(url("/other"), signature), Optional.empty(), context()))
        .isInstanceOf(Denied.class);
  }

  @Test
  void aChecksumDoesNotReplaceASignature() throws IOException {
    page("/signed", signed("content"), Map.of());
    page("/other", "other", Map.of());
    Map<String, String> signature =
        Map.of(
            "http.sig.pubkey",
            signed("rsa.pub"),
            "http.sig.signature",
            signed("rsa.content.asc"),
            "http.checksum",
            Digest.ofText("other").toString());

    assertThatThrownBy(() -> key("/other", signature)).isInstanceOf(Denied.class);
    assertThatThrownBy(() -> key("/signed", signature)).isInstanceOf(CorruptData.class);
  }

  @Test
  void halfOfASignatureIsAMistake() {
    for (Map<String, String> half :
        List.of(
            Map.of("http.sig.pubkey", "k"),
            Map.of("http.sig.signature", "s"),
            Map.of("http.sig.pubkey", "", "http.sig.signature", ""))) {
      assertThatThrownBy(() -> key("/a.txt", half))
          .isInstanceOf(InvalidRequest.class)
          .hasMessage("http signature verification requires both pubkey and signature");
    }
  }

  private static String signed(String name) throws IOException {
    try (var in = HttpSourceTest.class.getResourceAsStream("/signatures/" + name)) {
      return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
    }
  }

  @Test
  void allThreeFormsOfTimeAreUnderstood() {
    Instant time = Instant.parse("1994-11-06T08:49:37Z");

    assertThat(Found.time("Sun, 06 Nov 1994 08:49:37 GMT")).contains(time);
    assertThat(Found.time("Sunday, 06-Nov-94 08:49:37 GMT")).contains(time);
    assertThat(Found.time("Sun Nov  6 08:49:37 1994")).contains(time);
    assertThat(Found.time("Thursday, 26-Nov-26 21:58:51 UTC"))
        .contains(Instant.parse("2026-11-26T21:58:51Z"));
    assertThat(Found.time("yesterday")).isEmpty();
  }

  @Test
  void whatHasChangedIs() {
    fetch("/etag.txt", Map.of());
    page("/etag.txt", "new\n", Map.of("ETag", "\"new\""));

    assertThat(fetch("/etag.txt", Map.of())).isEqualTo("new\n");
  }

  @Test
  void contentWithAnotherChecksumIsRefused() {
    Resolution resolution =
        resolution("/a.txt", Map.of("http.checksum", Digest.ofText("else").toString()));

    assertThatThrownBy(() -> resolution.open(context()))
        .isInstanceOf(CorruptData.class)
        .hasMessageContaining("digest mismatch");
  }

  @Test
  void errorsOfTheServerAreNamed() {
    assertThatThrownBy(() -> key("/missing", Map.of()))
        .isInstanceOf(NotFound.class)
        .hasMessageContaining("invalid response status 404");
  }

  @Test
  void redirectsAreFollowedButNotForEver() {
    pages.put("/moved", new Page(302, "", Map.of("Location", "/a.txt")));
    pages.put("/loop", new Page(302, "", Map.of("Location", "/loop")));

    assertThat(fetch("/moved", Map.of())).isEqualTo("gold http body a\n");
    assertThatThrownBy(() -> key("/loop", Map.of()))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining("redirects");
  }

  @Test
  void credentialsStayWithTheirHost() {
    sessionIds = List.of(clients.connect(new Vault(Map.of("HTTP_AUTH_TOKEN_127.0.0.1", "t0k"))));
    pages.put(
        "/moved",
        new Page(
            302,
            "",
            Map.of("Location", "http://localhost:" + server.getAddress().getPort() + "/a.txt")));

    fetch("/moved", Map.of());

    assertThat(requests).containsExactly("GET /moved Bearer t0k", "GET /a.txt null");
  }

  @Test
  void aNamedSecretMustBeThere() {
    sessionIds = List.of(clients.connect(new Vault(Map.of("mine", "Basic abc"))));

    fetch("/a.txt", Map.of("http.authheadersecret", "mine"));

    assertThat(requests).containsExactly("GET /a.txt Basic abc");
    assertThatThrownBy(() -> key("/a.txt", Map.of("http.authheadersecret", "other")))
        .isInstanceOf(NotFound.class)
        .hasMessageContaining("other");
  }

  @Test
  void namesThatLeadElsewhereAreMadeHarmless() {
    page(
        "/evil",
        "x",
        Map.of("Content-Disposition", "attachment; filename=\"../../../etc/passwd\""));

    assertThat(files("/evil", Map.of())).containsOnlyKeys("passwd");
    assertThat(files("/a.txt", Map.of("http.filename", ".."))).containsOnlyKeys("download");
  }

  @Test
  void aStreamOfTheClientIsTakenAsAFile() {
    sessionIds = List.of(clients.connect(new Tar()));
    Resolution resolution =
        source.resolve(
            new SourceOp("http://buildkit-session/abc", Map.of("http.filename", "context")),
            PLATFORM);

    resolution.key(0, context());

    try (ImmutableRef ref = resolution.open(context()).orElseThrow()) {
      assertThat(stores.files(ref)).isEqualTo(Map.of("context", "from the client"));
    }
  }

  private HttpSource newSource() {
    return new HttpSource(
        stores.store,
        new KnownTrees(stores.database),
        new UnprivilegedKernel(),
        client,
        "slipway/test");
  }

  private static String sha384(String text) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-384").digest(text.getBytes(StandardCharsets.UTF_8));
      return "sha384:" + HexFormat.of().formatHex(hash);
    } catch (NoSuchAlgorithmException absent) {
      throw new IllegalStateException(absent);
    }
  }

  private String url(String path) {
    return "http://127.0.0.1:" + server.getAddress().getPort() + path;
  }

  private String key(String path, Map<String, String> attributes) {
    return resolution(path, attributes).key(0, context()).text();
  }

  private String fetch(String path, Map<String, String> attributes) {
    return files(path, attributes).values().iterator().next();
  }

  private Map<String, String> files(String path, Map<String, String> attributes) {
    Resolution resolution = resolution(path, attributes);
    resolution.key(0, context());
    try (ImmutableRef ref = resolution.open(context()).orElseThrow()) {
      return stores.files(ref);
    }
  }

  private Resolution resolution(String path, Map<String, String> attributes) {
    return source.resolve(new SourceOp(url(path), attributes), PLATFORM);
  }

  private FetchContext context() {
    return new FetchContext(
        new SessionGroup(clients.sessions(), () -> sessionIds),
        new VertexProgress(Digest.ofText("vertex"), ProgressSink.none(), Clock.system()),
        remembering);
  }

  private static final class Vault extends SecretsGrpc.SecretsImplBase {
    private final Map<String, String> secrets;

    Vault(Map<String, String> secrets) {
      this.secrets = secrets;
    }

    @Override
    public void getSecret(GetSecretRequest request, StreamObserver<GetSecretResponse> answer) {
      Optional<String> secret = Optional.ofNullable(secrets.get(request.getID()));
      if (secret.isEmpty()) {
        answer.onError(Status.NOT_FOUND.asRuntimeException());
        return;
      }
      answer.onNext(
          GetSecretResponse.newBuilder().setData(ByteString.copyFromUtf8(secret.get())).build());
      answer.onCompleted();
    }
  }

  private static final class Tar extends UploadGrpc.UploadImplBase {
    @Override
    public StreamObserver<BytesMessage> pull(StreamObserver<BytesMessage> answer) {
      answer.onNext(BytesMessage.newBuilder().setData(ByteString.copyFromUtf8("from ")).build());
      answer.onNext(
          BytesMessage.newBuilder().setData(ByteString.copyFromUtf8("the client")).build());
      answer.onCompleted();
      return new StreamObserver<>() {
        @Override
        public void onNext(BytesMessage value) {
          // Nothing is said.
        }

        @Override
        public void onError(Throwable failure) {
          // The daemon has gone.
        }

        @Override
        public void onCompleted() {
          // Nothing more to come.
        }
      };
    }
  }
}
