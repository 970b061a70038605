package dev.slipway.source.git;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.slipway.api.secrets.GetSecretRequest;
import dev.slipway.api.secrets.GetSecretResponse;
import dev.slipway.api.secrets.SecretsGrpc;
import dev.slipway.failure.CorruptData;
import dev.slipway.failure.Denied;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.NotFound;
import dev.slipway.frontend.ResolvedSource;
import dev.slipway.frontend.SourceQuery.GitObjects;
import dev.slipway.layer.testing.UnprivilegedKernel;
import dev.slipway.llb.SourceOp;
import dev.slipway.oci.Digest;
import dev.slipway.oci.Platform;
import dev.slipway.progress.ProgressSink;
import dev.slipway.progress.VertexProgress;
import dev.slipway.ref.BuildMemory;
import dev.slipway.ref.FetchContext;
import dev.slipway.ref.ImmutableRef;
import dev.slipway.ref.testing.RefStoreFixture;
import dev.slipway.session.SessionGroup;
import dev.slipway.session.testing.SessionFixture;
import dev.slipway.snapshot.Mounter.MountedTree;
import dev.slipway.source.BlobLocator;
import dev.slipway.source.KnownTrees;
import dev.slipway.source.Source.Resolution;
import dev.slipway.task.Clock;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Against git's own HTTP server and the repository that the golden keys were recorded with. Needs
/// the program `git`.
@Timeout(120)
class GitSourceIT {
  private static final Platform PLATFORM = Platform.parse("linux/amd64");
  private static final String MAIN = "1066af7e9da6258a041b4c8fc2926198bf6941a8";
  private static final String DEV = "d60d439e240307fa99b5afb11cb87f3a75700ef5";

  @TempDir Path folder;
  private RefStoreFixture stores;
  private SessionFixture clients;
  private GitServer server;
  private GitSource source;
  private Path repository;
  private List<String> sessionIds = List.of();
  private BiConsumer<BlobLocator, Path> bundles =
      (blob, _) -> {
        throw new NotFound("no bundle " + blob.reference());
      };
  private List<BuildMemory> remembering = List.of();

  @BeforeEach
  void start() throws Exception {
    stores = new RefStoreFixture(Files.createDirectory(folder.resolve("state")));
    clients = new SessionFixture(folder);
    Path repositories = Files.createDirectory(folder.resolve("served"));
    repository = repositories.resolve("repo.git");
    git(folder, "-c", "init.defaultBranch=main", "init", "--bare", repository.toString());
    Process importing =
        new ProcessBuilder("git", "--git-dir", repository.toString(), "fast-import", "--quiet")
            .inheritIO()
            .redirectInput(
                new java.io.File(GitSourceIT.class.getResource("/git/repo.fast-export").getFile()))
            .start();
    assertThat(importing.waitFor()).isZero();
    server = GitServer.start(repositories);
    source =
        new GitSource(
            stores.store,
            new KnownTrees(stores.database),
            new UnprivilegedKernel(),
            Map.of("PATH", System.getenv("PATH")),
            Files.createDirectory(folder.resolve("scratch")),
            (blob, file, _) -> bundles.accept(blob, file));
  }

  @AfterEach
  void stop() {
    server.close();
    clients.close();
    assertThat(stores.store.openHolds()).isZero();
    stores.close();
  }

  @Test
  void keysAreThoseOfTheReference() {
    assertThat(key("", Map.of())).isEqualTo(MAIN);
    assertThat(key("#main", Map.of())).isEqualTo(MAIN);
    assertThat(key("#dev", Map.of())).isEqualTo(DEV);
    assertThat(key("#v1", Map.of())).isEqualTo(DEV);
    assertThat(key("#v2", Map.of())).isEqualTo(MAIN);
    assertThat(key("#refs/heads/dev", Map.of())).isEqualTo(DEV);
    assertThat(key("#refs/tags/v2", Map.of())).isEqualTo(MAIN);
    assertThat(key("#" + DEV, Map.of())).isEqualTo(DEV);
    assertThat(key("#main:sub", Map.of())).isEqualTo(MAIN + ":sub");
    assertThat(key("#main", Map.of("git.keepgitdir", "true")))
        .isEqualTo(MAIN + ".git#refs/heads/main");
    assertThat(key("#main", Map.of("git.mtime", "commit"))).isEqualTo(MAIN + "(mtime=commit)");
    assertThat(key("#main", Map.of("git.skipsubmodules", "true")))
        .isEqualTo(MAIN + "(skip-submodules)");
    assertThat(key("#v2", Map.of("git.checksum", MAIN))).isEqualTo(MAIN);
    assertThat(key("#main", Map.of("git.checksum", "1066af7e9d"))).isEqualTo(MAIN);
    assertThat(key("#refs/heads/main", Map.of("git.checksum", MAIN, "git.fetchbycommit", "true")))
        .isEqualTo(MAIN);
  }

  @Test
  void everyWayToNameACommitChecksItOut() throws Exception {
    Map<String, String> main = listed(MAIN);
    Map<String, String> dev = listed(DEV);
    assertThat(main).isNotEmpty();

    assertThat(files("", Map.of())).isEqualTo(main);
    assertThat(files("#dev", Map.of())).isEqualTo(dev);
    assertThat(files("#v2", Map.of())).isEqualTo(main);
    assertThat(files("#refs/tags/v2", Map.of("git.checksum", MAIN))).isEqualTo(main);
    assertThat(files("#" + DEV, Map.of())).isEqualTo(dev);
    assertThat(files("#main", Map.of("git.checksum", MAIN, "git.fetchbycommit", "true")))
        .isEqualTo(main);
  }

  @Test
  void aSubdirectoryStandsAlone() throws Exception {
    Map<String, String> sub = new HashMap<>();
    listed(MAIN)
        .forEach(
            (path, text) -> {
              if (path.startsWith("sub/")) {
                sub.put(path.substring(4), text);
              }
            });

    assertThat(files("#main:sub", Map.of())).isEqualTo(sub).isNotEmpty();
    assertThatThrownBy(() -> files("#main:nowhere", Map.of())).isInstanceOf(NotFound.class);
  }

  @Test
  void theGitDirectoryIsKeptOnRequestAndNamesTheRemote() throws Exception {
    for (String ref : List.of("", "#main", "#v2", "#" + DEV)) {
      try (ImmutableRef ref1 = open(ref, Map.of("git.keepgitdir", "true"));
          MountedTree tree = ref1.openTree(context())) {
        assertThat(git(tree.root(), "remote", "get-url", "origin"))
            .as(ref)
            .isEqualTo(server.url("repo.git"));
        assertThat(git(tree.root(), "status", "--porcelain")).as(ref).isEmpty();
        assertThat(git(tree.root(), "rev-parse", "HEAD")).as(ref).isIn(MAIN, DEV);
      }
    }
  }

  @Test
  void timesAreTheCommitsOnRequest() throws Exception {
    long time = Long.parseLong(git(repository, "log", "-1", "--format=%ct", MAIN));

    try (ImmutableRef ref = open("#main", Map.of("git.mtime", "commit"));
        MountedTree tree = ref.openTree(context())) {
      assertThat(Files.getLastModifiedTime(tree.root().resolve("sub")).toInstant())
          .isEqualTo(Instant.ofEpochSecond(time));
    }
    try (ImmutableRef ref = open("#main:sub", Map.of("git.mtime", "commit"));
        MountedTree tree = ref.openTree(context());
        Stream<Path> all = Files.walk(tree.root())) {
      assertThat(all.map(GitSourceIT::time)).hasSizeGreaterThan(1).containsOnly(time);
    }
  }

  private static long time(Path file) {
    try {
      return Files.getLastModifiedTime(file, LinkOption.NOFOLLOW_LINKS).to(TimeUnit.SECONDS);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void whatIsCheckedOutAlreadyIsFoundAgain() throws IOException {
    try (ImmutableRef first = open("#main", Map.of());
        ImmutableRef second = open("#main", Map.of())) {
      assertThat(second.id()).isEqualTo(first.id());
    }
  }

  @Test
  void aBranchThatMovedIsFetchedAgain() throws Exception {
    files("#dev", Map.of());
    git(repository, "update-ref", "refs/heads/dev", MAIN);

    assertThat(files("#dev", Map.of())).isEqualTo(listed(MAIN));
  }

  @Test
  void aTagThatWasReplacedIsFetchedIntoAFreshRepository() throws Exception {
    files("#refs/tags/v1", Map.of());
    git(repository, "update-ref", "refs/tags/v1", MAIN);

    assertThat(files("#refs/tags/v1", Map.of())).isEqualTo(listed(MAIN));
  }

  @Test
  void anotherCommitThanInsistedOnIsRefused() {
    assertThatThrownBy(() -> key("#main", Map.of("git.checksum", "abcdef")))
        .isInstanceOf(CorruptData.class)
        .hasMessage("expected checksum to match abcdef, got " + MAIN);
  }

  @Test
  void missingRefsAndRemotesAreNamed() {
    assertThatThrownBy(() -> key("#nope", Map.of()))
        .isInstanceOf(NotFound.class)
        .hasMessageContaining("does not contain ref nope");
    assertThatThrownBy(() -> resolution("/absent.git", "", Map.of()).key(0, context()))
        .hasMessageContaining("git stderr");
  }

  @Test
  void commitsAndTagsAreCheckedOutWhenTheyAreSignedAsTheBuildInsists() throws Exception {
    git(
        repository,
        "fetch",
        "-q",
        "--no-tags",
        resource("/signatures/signed.bundle"),
        "refs/*:refs/*");
    String pgp = Files.readString(Path.of(resource("/signatures/rsa.pub")));
    String ssh = Files.readString(Path.of(resource("/signatures/ed25519.ssh.pub")));

    assertThat(files("#pgp", Map.of("git.sig.pubkey", pgp))).containsEntry("f", "pgp\n");
    assertThat(files("#v-ssh", Map.of("git.sig.pubkey", ssh, "git.sig.requiresignedtag", "true")))
        .containsEntry("f", "pgp\n");
    assertThat(files("#fcf8aab18b5a36d82884bae96276a25b83052a84", Map.of("git.sig.pubkey", pgp)))
        .containsEntry("f", "pgp\n");
    assertThat(key("#pgp", Map.of("git.sig.pubkey", pgp))).isEqualTo(key("#pgp", Map.of()));
    assertThatThrownBy(() -> key("#plain", Map.of("git.sig.pubkey", pgp)))
        .isInstanceOf(Denied.class)
        .hasMessage("git object is not signed");
    assertThatThrownBy(
            () -> key("#v-plain", Map.of("git.sig.pubkey", pgp, "git.keepgitdir", "true")))
        .isInstanceOf(Denied.class);
    assertThatThrownBy(
            () ->
                source.metadata(
                    new SourceOp(
                        server.url("repo.git").replace("http://", "git://") + "#plain",
                        Map.of("git.fullurl", server.url("repo.git"), "git.sig.pubkey", pgp)),
                    GitObjects.LEFT_OUT,
                    context()))
        .isInstanceOf(Denied.class);
  }

  private static String resource(String name) {
    return GitSourceIT.class.getResource(name).getFile();
  }

  @Test
  void hostileIdentifiersAreRefused() {
    assertThatThrownBy(() -> key("#--upload-pack=evil", Map.of()))
        .isInstanceOf(InvalidRequest.class);
    assertThatThrownBy(() -> source.resolve(new SourceOp("git://file:///etc", Map.of()), PLATFORM))
        .isInstanceOf(InvalidRequest.class);
    assertThatThrownBy(
            () ->
                source
                    .resolve(new SourceOp("git://ext::sh -c evil", Map.of()), PLATFORM)
                    .key(0, context()))
        .isInstanceOf(Exception.class);
    assertThatThrownBy(() -> key("", Map.of("git.checksum", "xyz")))
        .isInstanceOf(InvalidRequest.class);
  }

  @Test
  void theClientsTokenIsSentAndShownNowhere() {
    sessionIds = List.of(clients.connect(new Vault(Map.of("GIT_AUTH_TOKEN", "s3cret"))));

    key("#main", Map.of("git.authtokensecret", "GIT_AUTH_TOKEN"));

    String expected =
        "basic "
            + Base64.getEncoder()
                .encodeToString(
                    "x-access-token:s3cret".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    assertThat(server.authorizations()).isNotEmpty().containsOnly(expected);
    assertThat(GitIdentifier.redacted("https://me:pw@example.com/x"))
        .isEqualTo("https://xxxxx:xxxxx@example.com/x");
  }

  @Test
  void metadataTellsWhatARefPointsAt() throws Exception {
    ResolvedSource.Git branch = metadata("#dev", GitObjects.LEFT_OUT);
    ResolvedSource.Git tag = metadata("#v2", GitObjects.WANTED);

    assertThat(branch)
        .isEqualTo(
            new ResolvedSource.Git(
                "refs/heads/dev", DEV, Optional.empty(), Optional.empty(), Optional.empty()));
    assertThat(tag.ref()).isEqualTo("refs/tags/v2");
    assertThat(tag.checksum()).isEqualTo(git(repository, "rev-parse", "v2").strip());
    assertThat(tag.commitChecksum()).contains(MAIN);
    assertThat(gitHash("commit", tag.commitObject().orElseThrow())).isEqualTo(MAIN);
    assertThat(gitHash("tag", tag.tagObject().orElseThrow())).isEqualTo(tag.checksum());
  }

  @Test
  void aCommitsTimeIsWhenItsSourceWasChanged() throws Exception {
    ResolvedSource source =
        ResolvedSource.of(new SourceOp("git://x", Map.of()), metadata("#main", GitObjects.WANTED));

    assertThat(source.modified().orElseThrow().getEpochSecond())
        .isEqualTo(Long.parseLong(git(repository, "log", "-1", "--format=%ct", MAIN).strip()));
  }

  @Test
  void withinOneBuildARefStaysWhereItWas() throws Exception {
    try (BuildMemory build = new BuildMemory("build")) {
      remembering = List.of(build);
      String first = metadata("#v1", GitObjects.LEFT_OUT).checksum();
      git(repository, "tag", "-f", "v1", MAIN);

      assertThat(metadata("#v1", GitObjects.LEFT_OUT).checksum()).isEqualTo(first);
      assertThat(key("#v1", Map.of())).isEqualTo(DEV);
      remembering = List.of();
      assertThat(key("#v1", Map.of())).isEqualTo(MAIN);
    }
  }

  @Test
  void aCommitTravelsAsABundleAndComesBackFromIt() throws Exception {
    Path kept = folder.resolve("kept.bundle");
    try (ImmutableRef ref = open("#main", Map.of("git.checkoutbundle", "true"));
        MountedTree tree = ref.openTree(context())) {
      Files.copy(tree.root().resolve("bundle"), kept);
    }
    assertThat(git(folder, "bundle", "list-heads", kept.toString()).strip())
        .isEqualTo(MAIN + " refs/heads/main");
    Map<String, String> attributes =
        Map.of(
            "git.bundle",
            "oci-layout+blob://not/real@" + Digest.ofText("bundle"),
            "git.checksum",
            MAIN,
            "oci.store",
            "store");
    List<String> asked = new java.util.ArrayList<>();
    bundles =
        (blob, file) -> {
          asked.add(blob.storeName() + " " + blob.digest());
          try {
            Files.copy(kept, file);
          } catch (IOException failed) {
            throw new java.io.UncheckedIOException(failed);
          }
        };
    Map<String, String> expected = files("#main", Map.of());
    stores.store.prune(
        new dev.slipway.ref.RefStore.PrunePolicy(true, List.of(), java.time.Duration.ZERO, 0, 0, 0),
        _ -> {});
    server.close();

    assertThat(key("#main", attributes)).isEqualTo(MAIN);
    assertThat(files("#main", attributes)).isEqualTo(expected);
    assertThat(files("#" + MAIN, attributes)).isEqualTo(expected);
    assertThat(asked).isNotEmpty().containsOnly("store " + Digest.ofText("bundle"));
    assertThat(folder.resolve("scratch")).isEmptyDirectory();
  }

  @Test
  void aBundleIsToldApartByItsKey() {
    assertThat(key("#main", Map.of("git.checkoutbundle", "true"))).isEqualTo(MAIN + "(bundle)");
  }

  @Test
  void bundlesThatContradictThemselvesAreRefused() {
    String bundle = "oci-layout+blob://not/real@" + Digest.ofText("bundle");

    assertThatThrownBy(() -> key("#main", Map.of("git.bundle", bundle)))
        .isInstanceOf(InvalidRequest.class)
        .hasMessage("git.bundle requires git.checksum to be set");
    assertThatThrownBy(() -> key("#" + DEV, Map.of("git.bundle", bundle, "git.checksum", MAIN)))
        .hasMessage("expected checksum to match " + MAIN + ", got " + DEV);
    assertThatThrownBy(
            () -> key("#main", Map.of("git.bundle", "https://x@y", "git.checksum", MAIN)))
        .hasMessageContaining("failed to parse git.bundle locator");
    assertThatThrownBy(
            () -> key("#main", Map.of("git.checkoutbundle", "true", "git.keepgitdir", "true")))
        .hasMessage("git.checkoutbundle is incompatible with git.keepgitdir");
  }

  @Test
  void sourcesHaveOneNameHoweverTheyAreWritten() {
    assertThat(canonical("github.com/user/repo.git#main:../absolute/./path"))
        .isEqualTo("git://github.com/user/repo.git#main:absolute/path");
    assertThat(canonical("https://me@github.com:8080/user/repo.git"))
        .isEqualTo("git://github.com:8080/user/repo.git");
    assertThat(canonical("git@github.com:user/repo.git#v1"))
        .isEqualTo("git://github.com/user/repo.git#v1");
  }

  private static String canonical(String rest) {
    return GitSource.canonical(new SourceOp("git://" + rest, Map.of()));
  }

  private ResolvedSource.Git metadata(String fragment, GitObjects objects) {
    String url = server.url("repo.git");
    return source.metadata(
        new SourceOp(url.replace("http://", "git://") + fragment, Map.of("git.fullurl", url)),
        objects,
        context());
  }

  private static String gitHash(String type, byte[] object) throws Exception {
    MessageDigest hash = MessageDigest.getInstance("SHA-1");
    hash.update((type + " " + object.length + "\0").getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().formatHex(hash.digest(object));
  }

  private String key(String fragment, Map<String, String> attributes) {
    return resolution("/repo.git", fragment, attributes).key(0, context()).text();
  }

  private Map<String, String> files(String fragment, Map<String, String> attributes) {
    try (ImmutableRef ref = open(fragment, attributes)) {
      return stores.files(ref);
    }
  }

  private ImmutableRef open(String fragment, Map<String, String> attributes) {
    Resolution resolution = resolution("/repo.git", fragment, attributes);
    resolution.key(0, context());
    return resolution.open(context()).orElseThrow();
  }

  private Resolution resolution(String path, String fragment, Map<String, String> attributes) {
    Map<String, String> all = new HashMap<>(attributes);
    String url = server.url(path.substring(1));
    all.put("git.fullurl", url);
    return source.resolve(new SourceOp(url.replace("http://", "git://") + fragment, all), PLATFORM);
  }

  private FetchContext context() {
    return new FetchContext(
        new SessionGroup(clients.sessions(), () -> sessionIds),
        new VertexProgress(Digest.ofText("vertex"), ProgressSink.none(), Clock.system()),
        remembering);
  }

  /// The files of a commit by its number, compared with what git itself says (but for links, which
  /// the fixture follows).
  private Map<String, String> listed(String commit) throws Exception {
    Map<String, String> expected = new HashMap<>();
    for (String line : git(repository, "ls-tree", "-r", commit).lines().toList()) {
      String path = line.substring(line.indexOf('\t') + 1);
      if (line.startsWith("100")) {
        expected.put(path, git(repository, "cat-file", "blob", commit + ":" + path));
      }
    }
    Map<String, String> files = files("#" + commit, Map.of());
    expected.forEach((path, text) -> assertThat(files.get(path).strip()).as(path).isEqualTo(text));
    return files;
  }

  private static String git(Path directory, String... arguments) throws Exception {
    List<String> command =
        new java.util.ArrayList<>(
            List.of("git", "-c", "safe.directory=*", "-C", directory.toString()));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String output =
        new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8)
            .strip();
    assertThat(process.waitFor()).as(String.join(" ", command)).isZero();
    return output;
  }

  private static final class Vault extends SecretsGrpc.SecretsImplBase {
    private final Map<String, String> secrets;

    Vault(Map<String, String> secrets) {
      this.secrets = secrets;
    }

    @Override
    public void getSecret(GetSecretRequest request, StreamObserver<GetSecretResponse> answer) {
      if (!secrets.containsKey(request.getID())) {
        answer.onError(Status.NOT_FOUND.asRuntimeException());
        return;
      }
      answer.onNext(
          GetSecretResponse.newBuilder()
              .setData(ByteString.copyFromUtf8(secrets.get(request.getID())))
              .build());
      answer.onCompleted();
    }
  }
}
