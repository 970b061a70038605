package dev.slipway.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.content.testing.InMemoryContentStore;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.CorruptData;
import dev.slipway.failure.Fact.RegistryAnswer;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.NotFound;
import dev.slipway.failure.Unauthenticated;
import dev.slipway.failure.Unavailable;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.Digest;
import dev.slipway.oci.ImageReference;
import dev.slipway.oci.MediaType;
import dev.slipway.registry.CredentialSource.Credential;
import dev.slipway.registry.CredentialSource.Token;
import dev.slipway.registry.CredentialSource.TokenRequest;
import dev.slipway.registry.RegistryConfig.HostConfig;
import dev.slipway.registry.testing.InProcessRegistry;
import dev.slipway.registry.testing.InProcessRegistry.Fault;
import dev.slipway.registry.testing.InProcessRegistry.Login;
import dev.slipway.task.Clock;
import dev.slipway.task.TaskScope;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RegistryClientTest {
  private static final byte[] MANIFEST = "{\"schemaVersion\":2}".getBytes(StandardCharsets.UTF_8);

  private final SkippingClock clock = new SkippingClock();
  private final InMemoryContentStore store = new InMemoryContentStore();
  private final byte[] content = new byte[700_000];
  private InProcessRegistry registry;
  private RegistryClient client;

  @BeforeEach
  void start() throws IOException {
    registry = InProcessRegistry.start();
    client = RegistryClient.open(RegistryConfig.DEFAULT, clock, Duration.ofSeconds(20));
    new Random(3).nextBytes(content);
  }

  @AfterEach
  void stop() {
    client.close();
    registry.close();
    store.close();
  }

  @Test
  void aTagIsResolvedWithoutFetchingTheManifest() {
    Descriptor added =
        registry.addManifest("a/b", Optional.of("v1"), MediaType.OCI_MANIFEST, MANIFEST);

    Descriptor resolved =
        client.resolver().resolve(registry.name("a/b:v1"), CredentialSource.none());

    assertThat(resolved).isEqualTo(added);
    assertThat(registry.requests()).containsExactly("HEAD /v2/a/b/manifests/v1");
  }

  @Test
  void aServerWithoutHeadIsAskedForTheDocument() {
    Descriptor added =
        registry.addManifest("a", Optional.of("latest"), MediaType.OCI_MANIFEST, MANIFEST);
    registry.next(new Fault.Status("HEAD", 405, Map.of(), ""));

    assertThat(client.resolver().resolve(registry.name("a"), CredentialSource.none()))
        .isEqualTo(added);
  }

  @Test
  void whatIsNotThereIsNamedAsBuildkitNamesIt() {
    assertThatThrownBy(
            () -> client.resolver().resolve(registry.name("nosuch"), CredentialSource.none()))
        .isInstanceOf(NotFound.class)
        .hasMessage(registry.host() + "/nosuch:latest: not found");
  }

  @Test
  void anUnreachableRegistryIsNamedAsBuildkitNamesIt() {
    ImageReference name = ImageReference.parse("127.0.0.1:1/x/y");

    assertThatThrownBy(() -> client.resolver().resolve(name, CredentialSource.none()))
        .isInstanceOf(Unavailable.class)
        .hasMessage(
            "failed to do request: Head \"http://127.0.0.1:1/v2/x/y/manifests/latest\": dial tcp"
                + " 127.0.0.1:1: connect: connection refused");
    assertThat(clock.pauses).isEmpty();
  }

  @Test
  void blobsArriveWhole() {
    Descriptor blob = registry.addBlob("a", MediaType.OCI_LAYER, content);
    List<Long> progress = new ArrayList<>();

    client.fetcher().blob(registry.name("a"), blob, CredentialSource.none(), store, progress::add);

    assertThat(store.find(blob.digest())).isPresent();
    assertThat(progress.getLast()).isEqualTo(content.length);
  }

  @Test
  void aCutTransferGoesOnWhereItStopped() {
    Descriptor blob = registry.addBlob("a", MediaType.OCI_LAYER, content);
    registry.next(new Fault.Cut("GET .*/blobs/", 300_000));

    client.fetcher().blob(registry.name("a"), blob, CredentialSource.none(), store, _ -> {});

    assertThat(store.find(blob.digest())).isPresent();
    assertThat(registry.requests()).filteredOn(line -> line.startsWith("GET")).hasSize(2);
  }

  @Test
  void aLayerThatMayNotBeDistributedComesFromWhereItSays() throws IOException {
    try (InProcessRegistry elsewhere = InProcessRegistry.start()) {
      Descriptor there = elsewhere.addBlob("any", MediaType.OCI_LAYER, content);
      elsewhere.requireLogin(new Login("me", "pass", false));
      Descriptor foreign =
          there
              .withMediaType(
                  new MediaType("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"))
              .withUrls(
                  List.of(
                      "ftp://nobody.example/x",
                      "http://" + registry.host() + "/gone",
                      "http://" + elsewhere.host() + "/v2/any/blobs/" + there.digest()));

      // Nobody is told the credentials for the registry.
      assertThatThrownBy(
              () ->
                  client
                      .fetcher()
                      .blob(
                          registry.name("a"),
                          foreign,
                          new OneCredential("me", "pass"),
                          store,
                          _ -> {}))
          .isInstanceOf(BuildFailure.class);
      assertThat(elsewhere.requests()).hasSize(1);

      elsewhere.forgetLogin();
      client.fetcher().blob(registry.name("a"), foreign, CredentialSource.none(), store, _ -> {});

      assertThat(store.find(there.digest())).isPresent();
    }
  }

  @Test
  void anOrdinaryLayersUrlsAreNotFollowed() {
    Descriptor blob =
        registry
            .addBlob("a", MediaType.OCI_LAYER, content)
            .withUrls(List.of("http://" + registry.host() + "/elsewhere"));

    client.fetcher().blob(registry.name("a"), blob, CredentialSource.none(), store, _ -> {});

    assertThat(registry.requests()).noneMatch(line -> line.contains("/elsewhere"));
  }

  @Test
  void otherBytesThanTheDigestAreRefused() {
    Descriptor blob = registry.addBlob("a", MediaType.OCI_LAYER, content);
    registry.next(new Fault.OtherBytes("GET .*/blobs/"));
    registry.next(new Fault.OtherBytes("GET .*/blobs/"));

    assertThatThrownBy(
            () ->
                client
                    .fetcher()
                    .blob(registry.name("a"), blob, CredentialSource.none(), store, _ -> {}))
        .isInstanceOf(CorruptData.class)
        .hasMessageContaining(blob.digest().toString());
    assertThat(store.find(blob.digest())).isEmpty();
  }

  @Test
  void aBlobLongerThanItsDescriptorIsRefused() {
    Descriptor blob = registry.addBlob("a", MediaType.OCI_LAYER, content);
    Descriptor shorter = new Descriptor(blob.mediaType(), blob.digest(), 1000);

    assertThatThrownBy(
            () ->
                client
                    .fetcher()
                    .blob(registry.name("a"), shorter, CredentialSource.none(), store, _ -> {}))
        .isInstanceOf(CorruptData.class);
  }

  @Test
  void serverErrorsAreTriedAgainAfterTheTimeTheServerAsksFor() {
    Descriptor added =
        registry.addManifest("a", Optional.of("latest"), MediaType.OCI_MANIFEST, MANIFEST);
    registry.next(new Fault.Status("HEAD", 500, Map.of(), "oops"));
    registry.next(new Fault.Status("HEAD", 429, Map.of("Retry-After", "7"), ""));

    assertThat(client.resolver().resolve(registry.name("a"), CredentialSource.none()))
        .isEqualTo(added);
    assertThat(clock.pauses).containsExactly(Duration.ofMillis(250), Duration.ofSeconds(7));
  }

  @Test
  void aServerThatOnlyFailsIsGivenUpWithItsOwnWords() {
    Descriptor blob = registry.addBlob("a", MediaType.OCI_LAYER, content);
    for (int i = 0; i < 10; i++) {
      registry.next(
          new Fault.Status(
              "GET",
              503,
              Map.of(),
              "{\"errors\":[{\"code\":\"UNAVAILABLE\",\"message\":\"under repair\"}]}"));
    }

    assertThatThrownBy(
            () ->
                client
                    .fetcher()
                    .blob(registry.name("a"), blob, CredentialSource.none(), store, _ -> {}))
        .isInstanceOfSatisfying(
            Unavailable.class,
            failure -> {
              assertThat(failure).hasMessageContaining("under repair");
              assertThat(failure.fact(RegistryAnswer.class))
                  .hasValueSatisfying(answer -> assertThat(answer.httpStatus()).isEqualTo(503));
            });
  }

  @Test
  void aSilentServerIsLeft() {
    try (RegistryClient hasty =
        RegistryClient.open(RegistryConfig.DEFAULT, clock, Duration.ofSeconds(1))) {
      Descriptor blob = registry.addBlob("a", MediaType.OCI_LAYER, content);
      CountDownLatch never = new CountDownLatch(1);
      registry.next(new Fault.Stall("GET .*/blobs/", 100_000, never));

      hasty.fetcher().blob(registry.name("a"), blob, CredentialSource.none(), store, _ -> {});

      assertThat(store.find(blob.digest())).isPresent();
      never.countDown();
    }
  }

  @Test
  void basicCredentialsAreUsed() {
    registry.requireLogin(new Login("me", "pass", false));
    Descriptor added =
        registry.addManifest("a", Optional.of("latest"), MediaType.OCI_MANIFEST, MANIFEST);

    assertThat(client.resolver().resolve(registry.name("a"), new OneCredential("me", "pass")))
        .isEqualTo(added);
  }

  @Test
  void aTokenIsBoughtOnceAndKept() {
    registry.requireLogin(new Login("me", "pass", true));
    Descriptor added =
        registry.addManifest("a", Optional.of("latest"), MediaType.OCI_MANIFEST, MANIFEST);
    OneCredential credentials = new OneCredential("me", "pass");

    assertThat(client.resolver().resolve(registry.name("a"), credentials)).isEqualTo(added);
    assertThat(client.resolver().resolve(registry.name("a"), credentials)).isEqualTo(added);

    assertThat(registry.requests()).filteredOn(line -> line.contains("/token")).hasSize(1);
    assertThat(registry.requests().get(1))
        .contains("scope=repository%3Aa%3Apull")
        .contains("service=test");
  }

  /// Another request's refusal may have led to that.
  @Test
  void aTokenThatIsRevokedBeforeItsFirstUseIsBoughtAgain() {
    registry.requireLogin(new Login("me", "pass", true));
    Descriptor added =
        registry.addManifest("a", Optional.of("latest"), MediaType.OCI_MANIFEST, MANIFEST);
    registry.next(new Fault.Revoked("^HEAD .*/manifests/"));
    registry.next(new Fault.Revoked("^HEAD .*/manifests/"));

    assertThat(client.resolver().resolve(registry.name("a"), new OneCredential("me", "pass")))
        .isEqualTo(added);

    assertThat(registry.requests()).filteredOn(line -> line.contains("/token")).hasSize(2);
  }

  @Test
  void aTokenOfOneBuildIsNotUsedForAnother() {
    registry.requireLogin(new Login("me", "pass", true));
    registry.addManifest("a", Optional.of("latest"), MediaType.OCI_MANIFEST, MANIFEST);
    client.resolver().resolve(registry.name("a"), new OneCredential("me", "pass"));

    assertThatThrownBy(() -> client.resolver().resolve(registry.name("a"), CredentialSource.none()))
        .isInstanceOf(Unauthenticated.class);
  }

  @Test
  void aTokenServesAllWhoProveToHaveTheSameCredentials() {
    registry.requireLogin(new Login("me", "pass", true));
    registry.addManifest("a", Optional.of("latest"), MediaType.OCI_MANIFEST, MANIFEST);

    for (String session : List.of("one", "two", "two")) {
      client.resolver().resolve(registry.name("a"), new Proven(session, "key", "pass"));
    }
    assertThat(registry.requests()).filteredOn(line -> line.contains("/token")).hasSize(1);

    assertThatThrownBy(
            () ->
                client
                    .resolver()
                    .resolve(registry.name("a"), new Proven("three", "other key", "wrong")))
        .isInstanceOf(Unauthenticated.class);
  }

  @Test
  void wrongCredentialsSayWhatTheRegistrySaid() {
    registry.requireLogin(new Login("me", "pass", false));
    registry.addManifest("a", Optional.of("latest"), MediaType.OCI_MANIFEST, MANIFEST);
    registry.next(new Fault.Status("none", 401, Map.of(), ""));

    assertThatThrownBy(
            () ->
                client
                    .fetcher()
                    .document(
                        registry.name("a"),
                        new Descriptor(
                            MediaType.OCI_MANIFEST, Digest.ofBytes(MANIFEST), MANIFEST.length),
                        new OneCredential("me", "wrong")))
        .isInstanceOf(Unauthenticated.class)
        .hasMessageContaining("pull access denied")
        .hasMessageContaining("authentication required");
  }

  /// A question without words, by HEAD, gets an answer without.
  @Test
  void whoIsRefusedWithoutWordsIsToldThemAllTheSame() {
    registry.requireLogin(new Login("me", "pass", false));
    registry.addManifest("a", Optional.of("latest"), MediaType.OCI_MANIFEST, MANIFEST);
    Descriptor blob = new Descriptor(MediaType.OCI_LAYER, Digest.ofBytes(content), content.length);

    for (CredentialSource wrong :
        List.of(CredentialSource.none(), new OneCredential("me", "wrong"))) {
      assertThatThrownBy(() -> client.resolver().resolve(registry.name("a"), wrong))
          .isInstanceOf(Unauthenticated.class)
          .hasMessageContaining("server message: unauthorized: authentication required");
      assertThatThrownBy(
              () ->
                  client
                      .pusher()
                      .blob(
                          registry.name("a"),
                          blob,
                          Optional.empty(),
                          wrong,
                          new Pusher.Content(store, _ -> {})))
          .isInstanceOf(Unauthenticated.class)
          .hasMessageContaining("push access denied")
          .hasMessageContaining("server message: unauthorized: authentication required");
    }
  }

  @Test
  void credentialsDoNotFollowARedirectToAnotherHost() throws IOException {
    try (InProcessRegistry elsewhere = InProcessRegistry.start()) {
      registry.requireLogin(new Login("me", "pass", false));
      Descriptor blob = registry.addBlob("a", MediaType.OCI_LAYER, content);
      elsewhere.addBlob("a", MediaType.OCI_LAYER, content);
      elsewhere.requireLogin(new Login("me", "pass", false));
      OneCredential credentials = new OneCredential("me", "pass");
      registry.addManifest("a", Optional.of("latest"), MediaType.OCI_MANIFEST, MANIFEST);
      client.resolver().resolve(registry.name("a"), credentials);
      registry.next(
          new Fault.Redirect(
              "GET .*/blobs/", "http://" + elsewhere.host() + "/v2/a/blobs/" + blob.digest()));

      client.fetcher().blob(registry.name("a"), blob, credentials, store, _ -> {});

      assertThat(elsewhere.requests()).as("refused there, so the client came back").hasSize(1);
      assertThat(store.find(blob.digest())).isPresent();
    }
  }

  @Test
  void mirrorsAreAskedFirstAndTheRegistryLast() throws IOException {
    try (InProcessRegistry mirror = InProcessRegistry.start()) {
      HostConfig mirrored =
          new HostConfig(
              List.of(mirror.host() + "/cache"),
              Optional.empty(),
              false,
              List.of(),
              List.of(),
              List.of());
      try (RegistryClient throughMirror =
          RegistryClient.open(new RegistryConfig(Map.of(registry.host(), mirrored), 4), clock)) {
        Descriptor there =
            mirror.addManifest("cache/a", Optional.of("latest"), MediaType.OCI_MANIFEST, MANIFEST);
        registry.addManifest("b", Optional.of("latest"), MediaType.OCI_MANIFEST, MANIFEST);

        assertThat(throughMirror.resolver().resolve(registry.name("a"), CredentialSource.none()))
            .isEqualTo(there);
        assertThat(registry.requests()).isEmpty();
        assertThat(throughMirror.resolver().resolve(registry.name("b"), CredentialSource.none()))
            .isEqualTo(there);
        assertThat(mirror.requests())
            .last()
            .asString()
            .contains("/v2/cache/b/manifests/latest?ns=" + registry.host());
      }
    }
  }

  @Test
  void pushAsksBeforeItSends() {
    Digest digest = store.put(content);
    Descriptor blob = new Descriptor(MediaType.OCI_LAYER, digest, content.length);
    Pusher.Content here = new Pusher.Content(store, _ -> {});

    Pusher.Outcome first =
        client
            .pusher()
            .blob(registry.name("a"), blob, Optional.empty(), CredentialSource.none(), here);
    Pusher.Outcome second =
        client
            .pusher()
            .blob(registry.name("a"), blob, Optional.empty(), CredentialSource.none(), here);

    assertThat(first).isEqualTo(Pusher.Outcome.SENT);
    assertThat(second).isEqualTo(Pusher.Outcome.THERE_ALREADY);
    assertThat(registry.blob("a", digest)).contains(content);
  }

  @Test
  void whatWasSentLatelyIsNotAskedFor() {
    Descriptor blob = new Descriptor(MediaType.OCI_LAYER, store.put(content), content.length);
    send(blob);
    int before = registry.requests().size();

    send(blob);

    assertThat(registry.requests()).hasSize(before);
  }

  @Test
  void aRegistryThatLostABlobSinceGetsItAgain() {
    Descriptor blob = new Descriptor(MediaType.OCI_LAYER, store.put(content), content.length);
    send(blob);
    registry.lose("a", blob.digest());
    registry.next(
        new Fault.Status(
            "^PUT .*/manifests/", 400, Map.of(), "{\"errors\":[{\"code\":\"MANIFEST_INVALID\"}]}"));
    Descriptor manifest =
        new Descriptor(MediaType.OCI_MANIFEST, Digest.ofBytes(MANIFEST), MANIFEST.length);

    Pusher pusher = client.pusher();
    pusher.push(registry.name("a"), () -> sendWith(pusher, blob, manifest));

    assertThat(registry.blob("a", blob.digest())).contains(content);
    assertThat(registry.manifest("a", "1")).contains(MANIFEST);
  }

  @Test
  void aManifestThatIsRefusedThoughEveryBlobWasAskedForFailsThePush() {
    Descriptor blob = new Descriptor(MediaType.OCI_LAYER, store.put(content), content.length);
    Descriptor manifest =
        new Descriptor(MediaType.OCI_MANIFEST, Digest.ofBytes(MANIFEST), MANIFEST.length);
    registry.next(new Fault.Status("^PUT .*/manifests/", 400, Map.of(), ""));
    Pusher pusher = client.pusher();

    assertThatThrownBy(
            () -> pusher.push(registry.name("a"), () -> sendWith(pusher, blob, manifest)))
        .isInstanceOf(BuildFailure.class)
        .hasMessageContaining("400");
    assertThat(registry.requests())
        .filteredOn(line -> line.matches("PUT .*/manifests/.*"))
        .hasSize(1);
  }

  @Test
  void aBrokenUploadGoesOnWhereTheRegistryStands() {
    Digest digest = store.put(content);
    Descriptor blob = new Descriptor(MediaType.OCI_LAYER, digest, content.length);
    registry.next(new Fault.Drop("^PUT .*/blobs/", 200_000));
    registry.next(new Fault.Drop("^PATCH ", 100_000));

    send(blob);

    assertThat(registry.blob("a", digest)).contains(content);
    assertThat(registry.requests()).filteredOn(line -> line.startsWith("POST")).hasSize(1);
    assertThat(registry.requests()).filteredOn(line -> line.startsWith("PATCH")).hasSize(2);
  }

  @Test
  void anUploadThatTheRegistryForgotBeginsAnew() {
    Digest digest = store.put(content);
    Descriptor blob = new Descriptor(MediaType.OCI_LAYER, digest, content.length);
    registry.next(new Fault.Drop("^PUT .*/blobs/", 200_000));
    registry.next(new Fault.Status("^GET .*/uploads/", 404, Map.of(), ""));

    send(blob);

    assertThat(registry.blob("a", digest)).contains(content);
    assertThat(registry.requests()).filteredOn(line -> line.startsWith("POST")).hasSize(2);
  }

  @Test
  void anUploadWhoseAnswerWasLostIsNotSentAgain() {
    Digest digest = store.put(content);
    registry.next(new Fault.LostAnswer("^PUT .*/blobs/"));

    send(new Descriptor(MediaType.OCI_LAYER, digest, content.length));

    assertThat(registry.blob("a", digest)).contains(content);
    assertThat(registry.requests()).filteredOn(line -> line.startsWith("PUT")).hasSize(1);
  }

  @Test
  void whatTheRegistrySpoiltIsSentAgainAndThenGivenUp() {
    Digest digest = store.put(content);
    Descriptor blob = new Descriptor(MediaType.OCI_LAYER, digest, content.length);
    Fault spoilt =
        new Fault.Status(
            "^PUT .*/blobs/",
            400,
            Map.of(),
            "{\"errors\":[{\"code\":\"DIGEST_INVALID\",\"message\":\"spoilt\"}]}");
    registry.next(spoilt);
    send(blob);
    assertThat(registry.blob("a", digest)).contains(content);

    byte[] other = new byte[] {1, 2, 3};
    Descriptor never = new Descriptor(MediaType.OCI_LAYER, store.put(other), other.length);
    for (int i = 0; i < 3; i++) {
      registry.next(spoilt);
    }
    assertThatThrownBy(() -> send(never))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining("spoilt");
  }

  @Test
  void twoBuildsSendABlobOnce() {
    Digest digest = store.put(content);
    Descriptor blob = new Descriptor(MediaType.OCI_LAYER, digest, content.length);
    try (TaskScope builds = TaskScope.open("two builds")) {
      builds.forkAction(() -> send(blob));
      builds.forkAction(() -> send(blob));
      builds.join();
    }

    assertThat(registry.requests()).filteredOn(line -> line.startsWith("PUT")).hasSize(1);
  }

  @Test
  void aDateSaysWhenToComeBack() {
    Descriptor added =
        registry.addManifest("a", Optional.of("latest"), MediaType.OCI_MANIFEST, MANIFEST);
    registry.next(
        new Fault.Status("HEAD", 429, Map.of("Retry-After", "Tue, 14 Nov 2023 22:13:27 GMT"), ""));

    assertThat(client.resolver().resolve(registry.name("a"), CredentialSource.none()))
        .isEqualTo(added);
    assertThat(clock.pauses).containsExactly(Duration.ofSeconds(7));
  }

  @Test
  void whatTheRegistryHasIsNotBroughtHereToBePushed() {
    Descriptor blob = registry.addBlob("base", MediaType.OCI_LAYER, content);
    Pusher.Content elsewhere =
        new Pusher.Content(
            store,
            () -> {
              throw new AssertionError("brought here");
            },
            _ -> {});

    Pusher.Outcome outcome =
        client
            .pusher()
            .blob(
                registry.name("a"),
                blob,
                Optional.of(registry.name("base")),
                CredentialSource.none(),
                elsewhere);

    assertThat(outcome).isEqualTo(Pusher.Outcome.MOUNTED);
  }

  private boolean sendWith(Pusher pusher, Descriptor blob, Descriptor manifest) {
    send(pusher, blob);
    pusher.manifest(registry.name("a:1"), manifest, MANIFEST, CredentialSource.none());
    return true;
  }

  private void send(Descriptor blob) {
    send(client.pusher(), blob);
  }

  private void send(Pusher pusher, Descriptor blob) {
    pusher.blob(
        registry.name("a"),
        blob,
        Optional.empty(),
        CredentialSource.none(),
        new Pusher.Content(store, _ -> {}));
  }

  @Test
  void pushMountsFromAnotherRepository() {
    Descriptor blob = registry.addBlob("base", MediaType.OCI_LAYER, content);

    Pusher.Outcome outcome =
        client
            .pusher()
            .blob(
                registry.name("a"),
                blob,
                Optional.of(registry.name("base")),
                CredentialSource.none(),
                new Pusher.Content(store, _ -> {}));

    assertThat(outcome).isEqualTo(Pusher.Outcome.MOUNTED);
    assertThat(registry.blob("a", blob.digest())).isPresent();
  }

  @Test
  void pushedManifestsAreFoundByTagAndDigest() {
    Descriptor manifest =
        new Descriptor(MediaType.OCI_MANIFEST, Digest.ofBytes(MANIFEST), MANIFEST.length);
    registry.next(new Fault.Status("PUT", 502, Map.of(), "<html>"));

    client.pusher().manifest(registry.name("a:v1"), manifest, MANIFEST, CredentialSource.none());

    assertThat(registry.manifest("a", "v1")).contains(MANIFEST);
    assertThat(registry.manifest("a", manifest.digest().toString())).contains(MANIFEST);
    assertThat(
            client.pusher().hasManifest(registry.name("a:v1"), manifest, CredentialSource.none()))
        .isTrue();
  }

  private record OneCredential(String username, String password) implements CredentialSource {
    @Override
    public String identity() {
      return "session-of-" + username + password;
    }

    @Override
    public Optional<Credential> credential(String host) {
      return Optional.of(new Credential(username, password));
    }

    @Override
    public Optional<Token> fetchToken(TokenRequest request) {
      return Optional.empty();
    }
  }

  private record Proven(String identity, String key, String password) implements CredentialSource {
    @Override
    public Optional<String> provenIdentity(String host) {
      return Optional.of(key);
    }

    @Override
    public Optional<Credential> credential(String host) {
      return Optional.of(new Credential("me", password));
    }

    @Override
    public Optional<Token> fetchToken(TokenRequest request) {
      return Optional.empty();
    }
  }

  /// Time stands still; pauses are noted and not made.
  private static final class SkippingClock implements Clock {
    private final List<Duration> pauses = new CopyOnWriteArrayList<>();

    @Override
    public Instant now() {
      return Instant.ofEpochSecond(1_700_000_000L);
    }

    @Override
    public void sleep(Duration duration) {
      pauses.add(duration);
    }
  }
}
