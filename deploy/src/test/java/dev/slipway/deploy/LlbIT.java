package dev.slipway.deploy;

import static dev.slipway.deploy.LlbGraph.bind;
import static dev.slipway.deploy.LlbGraph.mount;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.slipway.api.ops.BuildInput;
import dev.slipway.api.ops.BuildOp;
import dev.slipway.api.ops.CacheOpt;
import dev.slipway.api.ops.CacheSharingOpt;
import dev.slipway.api.ops.ChownOpt;
import dev.slipway.api.ops.Definition;
import dev.slipway.api.ops.FileAction;
import dev.slipway.api.ops.FileActionCopy;
import dev.slipway.api.ops.FileActionMkDir;
import dev.slipway.api.ops.FileActionMkFile;
import dev.slipway.api.ops.FileActionRm;
import dev.slipway.api.ops.FileActionSymlink;
import dev.slipway.api.ops.HostIP;
import dev.slipway.api.ops.Mount;
import dev.slipway.api.ops.MountContentCache;
import dev.slipway.api.ops.MountType;
import dev.slipway.api.ops.NamedUserOpt;
import dev.slipway.api.ops.NetMode;
import dev.slipway.api.ops.OpMetadata;
import dev.slipway.api.ops.PassthroughOp;
import dev.slipway.api.ops.ProgressGroup;
import dev.slipway.api.ops.ProxyEnv;
import dev.slipway.api.ops.SSHOpt;
import dev.slipway.api.ops.SecretEnv;
import dev.slipway.api.ops.SecretOpt;
import dev.slipway.api.ops.SecurityMode;
import dev.slipway.api.ops.TmpfsOpt;
import dev.slipway.api.ops.Ulimit;
import dev.slipway.api.ops.UserOpt;
import dev.slipway.client.build.BuildSpec.Offered;
import dev.slipway.client.session.SecretFiles.Secret;
import dev.slipway.deploy.LibraryClient.Built;
import dev.slipway.deploy.LlbGraph.Node;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Every operation, mount and option of a definition does what it says, in a whole daemon. Steps
/// print what they see.
final class LlbIT {
  private static final Offered NOTHING = new Offered(Map.of(), Map.of(), Map.of());

  @TempDir private static Path folder;
  private static BuildSite site;

  private final LlbGraph graph = new LlbGraph();

  @BeforeAll
  static void open() {
    site =
        BuildSite.open(
            folder,
            "--allow-insecure-entitlement",
            "security.insecure",
            "--allow-insecure-entitlement",
            "network.host");
  }

  @AfterAll
  static void close() {
    site.close();
  }

  // Processes

  @Test
  void exitCodesThatAreNamedAreSuccessAndNoOthers() {
    assertThat(printed(graph.process("echo fine; exit 3", meta -> meta.addValidExitCodes(3))))
        .isEqualTo("fine\n");
    assertThat(
            failureOf(
                graph.process("exit 4", meta -> meta.addValidExitCodes(3).addValidExitCodes(0))))
        .contains("did not complete successfully: exit code: 4");
    assertThat(failureOf(graph.process("exit 0", meta -> meta.addValidExitCodes(3))))
        .contains("did not complete successfully: exit code: 0");
  }

  @Test
  void aUserHasTheGroupsOfItsOwnRoot() {
    Node users =
        graph.files(
            List.of(graph.busybox()),
            file("/etc/passwd", 0644, "root:x:0:0::/:/bin/sh\nworker:x:1200:1201::/:/bin/sh\n"),
            file("/etc/group", 0644, "root:x:0:\nworkers:x:1201:\nmore:x:1300:worker\n"));

    assertThat(
            printed(
                graph.run(
                    "id -u; id -g; id -G",
                    List.of(users),
                    exec -> exec.setMeta(exec.getMetaBuilder().setUser("worker")))))
        .isEqualTo("1200\n1201\n1201 1300\n");
    assertThat(
            printed(
                graph.run(
                    "id -u; id -G",
                    List.of(users),
                    exec -> exec.setMeta(exec.getMetaBuilder().setUser("worker:more")))))
        .isEqualTo("1200\n1300\n");
    assertThat(printed(graph.process("id -u; id -G", meta -> meta.setUser("77:88"))))
        .isEqualTo("77\n88\n");
  }

  @Test
  void aProcessHasItsNamesItsFolderAndItsLimits() {
    assertThat(
            printed(
                graph.process(
                    "pwd; hostname; grep three /etc/hosts; ulimit -Sn; ulimit -Hn; echo $A$B",
                    meta ->
                        meta.setCwd("/new/folder")
                            .setHostname("builder")
                            .addExtraHosts(
                                HostIP.newBuilder().setHost("three.example").setIP("10.1.2.3"))
                            .addUlimit(
                                Ulimit.newBuilder().setName("nofile").setSoft(321).setHard(654))
                            .addEnv("A=x")
                            .addEnv("B=y"))))
        .isEqualTo("/new/folder\nbuilder\n10.1.2.3\tthree.example\n321\n654\nxy\n");
  }

  @Test
  void proxiesAreSeenButAreNoPartOfTheKey() {
    Node one = proxied("one");

    assertThat(printed(one)).isEqualTo("http://one http://one\n");
    Built again = build(proxied("two"));

    assertThat(again.failure()).isEmpty();
    assertThat(again.isCached("echo $HTTP_PROXY")).isTrue();
  }

  private Node proxied(String host) {
    return graph.process(
        "echo $HTTP_PROXY $http_proxy",
        meta -> meta.setProxyEnv(ProxyEnv.newBuilder().setHttpProxy("http://" + host)));
  }

  @Test
  void networksAreCutOrTheMachinesOwn() {
    String interfaces = "ls /sys/class/net | sort";

    assertThat(
            printed(
                graph.run(
                    "grep -c : /proc/net/dev; true",
                    List.of(graph.busybox()),
                    exec -> exec.setNetwork(NetMode.NONE))))
        .isIn("1\n", "3\n"); // lo, and where the kernel has them sit0 and ip6tnl0
    Node host =
        graph.run(
            "readlink /proc/self/ns/net # " + interfaces,
            List.of(graph.busybox()),
            exec -> exec.setNetwork(NetMode.HOST));
    assertThat(failureOf(host)).contains("network.host is not allowed");
    assertThat(build(host, NOTHING, "network.host").logs()).isEqualTo(ownNetwork() + "\n");
  }

  private static String ownNetwork() {
    try {
      return Files.readSymbolicLink(Path.of("/proc/self/ns/net")).toString();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void privilegesNeedAnEntitlement() {
    Node insecure =
        graph.run(
            "mkdir -p /m && mount -t tmpfs none /m && echo mounted",
            List.of(graph.busybox()),
            exec -> exec.setSecurity(SecurityMode.INSECURE));

    assertThat(failureOf(insecure)).contains("security.insecure is not allowed");
    assertThat(build(insecure, NOTHING, "security.insecure").logs()).isEqualTo("mounted\n");
    assertThat(
            failureOf(
                graph.process("mkdir -p /m && mount -t tmpfs none /m && echo mounted", m -> m)))
        .contains("did not complete successfully");
  }

  // Mounts

  @Test
  void aPartOfAnInputIsMountedReadOnly() {
    Node data = graph.files(List.of(), folder("/d"), file("/d/f", 0600, "of the file"));

    assertThat(
            printed(
                graph.run(
                    "cat /at; echo x 2>/dev/null >/at || echo refused",
                    List.of(graph.busybox(), data),
                    exec -> exec.addMounts(bind(1, "/at").setSelector("/d/f").setReadonly(true)))))
        .isEqualTo("of the filerefused\n");
  }

  @Test
  void whatIsWrittenToAMountWithoutAnOutputIsGone() {
    Node data = graph.files(List.of(), file("/f", 0600, "first\n"));
    Node writes =
        graph.run(
            "echo second >>/in/f; cat /in/f",
            List.of(graph.busybox(), data),
            exec -> exec.addMounts(bind(1, "/in")));
    Node reads =
        graph.run(
            "echo --; cat /in/f; ls /in",
            List.of(writes, data),
            exec -> exec.addMounts(bind(1, "/in")));

    assertThat(printed(reads)).isEqualTo("first\nsecond\n--\nfirst\nf\n");
  }

  @Test
  void aMountMayBeAnOutputOfItsOwn() {
    Node writes =
        graph.run(
            "echo new >/out/f; echo other >/g",
            List.of(graph.busybox()),
            exec -> exec.addMounts(bind(-1, "/out").setOutput(1)));

    assertThat(files(writes.output(1))).containsOnlyKeys("f").containsEntry("f", "0644 0:0 new\n");
    assertThat(files(writes)).containsEntry("g", "0644 0:0 other\n").doesNotContainKey("out/f");
  }

  @Test
  void aRootThatIsReadOnlyCannotBeWritten() {
    assertThat(
            printed(
                graph.run(
                    "touch /x 2>&1; echo >/t/x && echo written",
                    List.of(graph.busybox()),
                    exec ->
                        exec.setMounts(0, bind(0, "/").setReadonly(true))
                            .addMounts(bind(-1, "/t").setOutput(0)))))
        .isEqualTo("touch: /x: Read-only file system\nwritten\n");
  }

  @Test
  void memoryMountsHaveTheirSizeAndLeaveNothing() {
    Node step =
        graph.mounted(
            "df -k /t | tail -n 1 | awk '{print $2}'; echo x >/t/x",
            mount(MountType.TMPFS, "/t").setTmpfsOpt(TmpfsOpt.newBuilder().setSize(1 << 20)));

    Built built = build(step);

    assertThat(built.logs()).isEqualTo("1024\n");
    assertThat(entries(built)).doesNotContainKey("t/x");
  }

  @Test
  void secretsAreFilesWithTheirOwnerOrVariables() {
    Offered offered = secrets(Map.of("key", "of the client"));
    SecretOpt.Builder key = SecretOpt.newBuilder().setID("key").setUid(7).setGid(8).setMode(0440);

    Built file =
        build(
            graph.mounted(
                "stat -c '%a %u %g' /s/k; cat /s/k",
                mount(MountType.SECRET, "/s/k").setSecretOpt(key)),
            offered);
    assertThat(file.logs()).isEqualTo("440 7 8\nof the client");
    assertThat(entries(file).values()).noneMatch(content -> content.contains("of the client"));

    assertThat(
            build(
                    graph.run(
                        "echo \"$K-$O\"",
                        List.of(graph.busybox()),
                        exec ->
                            exec.addSecretenv(SecretEnv.newBuilder().setID("key").setName("K"))
                                .addSecretenv(
                                    SecretEnv.newBuilder()
                                        .setID("lacking")
                                        .setName("O")
                                        .setOptional(true))),
                    offered)
                .logs())
        .isEqualTo("of the client-\n");
  }

  @Test
  void secretsAndAgentsThatLackFailUnlessTheyAreOptional() {
    SecretOpt.Builder lacking = SecretOpt.newBuilder().setID("lacking").setMode(0400);

    assertThat(
            failureOf(graph.mounted("true", mount(MountType.SECRET, "/s").setSecretOpt(lacking))))
        .contains("secret lacking: not found");
    assertThat(
            printed(
                graph.mounted(
                    "test -e /s || echo none",
                    mount(MountType.SECRET, "/s").setSecretOpt(lacking.setOptional(true)))))
        .isEqualTo("none\n");
    assertThat(
            failureOf(
                graph.mounted(
                    "true",
                    mount(MountType.SSH, "/a").setSSHOpt(SSHOpt.newBuilder().setID("agent")))))
        .contains("agent");
    assertThat(
            printed(
                graph.mounted(
                    "test -e /a || echo none",
                    mount(MountType.SSH, "/a")
                        .setSSHOpt(SSHOpt.newBuilder().setID("agent").setOptional(true)))))
        .isEqualTo("none\n");
  }

  @Test
  void aCacheKeepsItsFilesForTheNextBuildByItsId() {
    Mount.Builder here = cache("kept", CacheSharingOpt.SHARED);

    assertThat(printed(graph.mounted("echo one >>/c/f; cat /c/f", here))).isEqualTo("one\n");
    assertThat(printed(graph.mounted("echo two >>/c/f; cat /c/f", here))).isEqualTo("one\ntwo\n");
    assertThat(printed(graph.mounted("ls /c; echo none", cache("another", CacheSharingOpt.SHARED))))
        .isEqualTo("none\n");
    assertThat(
            printed(
                graph.mounted(
                    "cat /c/f; touch /c/g 2>/dev/null || echo refused",
                    cache("kept", CacheSharingOpt.SHARED).setReadonly(true))))
        .isEqualTo("one\ntwo\nrefused\n");
  }

  @Test
  void aCacheBeginsAsItsInput() {
    Node seed = graph.files(List.of(), file("/f", 0644, "seed\n"));

    assertThat(
            printed(
                graph.run(
                    "cat /c/f",
                    List.of(graph.busybox(), seed),
                    exec -> exec.addMounts(cache("seeded", CacheSharingOpt.SHARED).setInput(1)))))
        .isEqualTo("seed\n");
  }

  @Test
  void aLockedCacheHasOneUserAtATime() throws Exception {
    assertThat(bothAtOnce(cache("locked", CacheSharingOpt.LOCKED))).containsOnly("alone\n");
  }

  @Test
  void aPrivateCacheIsAnotherForASecondUser() throws Exception {
    assertThat(bothAtOnce(cache("private", CacheSharingOpt.PRIVATE))).containsOnly("alone\n");
  }

  /// Two builds at once say whether they see each other in the cache.
  private static List<String> bothAtOnce(Mount.Builder cache) throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<String>> both =
          List.of("a", "b").stream().map(name -> threads.submit(() -> alone(name, cache))).toList();
      return List.of(both.get(0).get(), both.get(1).get());
    }
  }

  private static String alone(String name, Mount.Builder cache) {
    LlbGraph graph = new LlbGraph();
    String script =
        "set -C; : >/c/held && sleep 0.4 && rm /c/held && echo alone || echo met # "
            + cache.getCacheOpt().getID()
            + name;
    Built built = new LlbIT().build(graph, graph.mounted(script, cache), NOTHING);
    assertThat(built.failure()).isEmpty();
    return built.logs();
  }

  @Test
  void aMountByContentHitsWhateverMadeTheContent() {
    Node one = graph.files(List.of(), file("/f", 0644, "same"));
    Node other = graph.files(List.of(), file("/f", 0644, "different"), file("/f", 0644, "same"));

    assertThat(build(byContent(one)).failure()).isEmpty();
    Built again = build(byContent(other));

    assertThat(again.failure()).isEmpty();
    assertThat(again.isCached("cat /in/f")).isTrue();
  }

  private Node byContent(Node input) {
    return graph.run(
        "cat /in/f >/copied",
        List.of(graph.busybox(), input),
        exec -> exec.addMounts(bind(1, "/in").setContentCache(MountContentCache.ON)));
  }

  // Files

  @Test
  void filesAreMadeChangedAndRemoved() {
    Node made =
        graph.files(
            List.of(),
            FileAction.newBuilder()
                .setSecondaryInput(-1)
                .setMkdir(
                    FileActionMkDir.newBuilder()
                        .setPath("/a/b")
                        .setMode(0710)
                        .setMakeParents(true)
                        .setOwner(owner(5, 6))
                        .setTimestamp(1_500_000_000_000_000_000L)),
            file("/a/b/f", 0640, "text"),
            file("/a/gone-1", 0600, ""),
            file("/a/gone-2", 0600, ""),
            FileAction.newBuilder()
                .setSecondaryInput(-1)
                .setSymlink(
                    FileActionSymlink.newBuilder()
                        .setOldpath("b/f")
                        .setNewpath("/a/l")
                        .setTimestamp(-1)),
            FileAction.newBuilder()
                .setSecondaryInput(-1)
                .setRm(FileActionRm.newBuilder().setPath("/a/gone-*").setAllowWildcard(true)),
            FileAction.newBuilder()
                .setSecondaryInput(-1)
                .setRm(FileActionRm.newBuilder().setPath("/never").setAllowNotFound(true)));

    assertThat(files(made))
        .containsOnly(
            Map.entry("a/", "0710 5:6 "),
            Map.entry("a/b/", "0710 5:6 "),
            Map.entry("a/b/f", "0640 0:0 text"),
            Map.entry("a/l", "0777 0:0 -> b/f"));
    assertThat(
            failureOf(
                graph.files(
                    List.of(),
                    FileAction.newBuilder()
                        .setSecondaryInput(-1)
                        .setRm(FileActionRm.newBuilder().setPath("/never")))))
        .contains("never: no such file or directory");
  }

  @Test
  void copiesTakeWhatTheyAreToldAsTheyAreTold() {
    Node users =
        graph.files(
            List.of(),
            folder("/etc"),
            file("/etc/passwd", 0644, "worker:x:1200:1201::/:/bin/sh\n"),
            file("/etc/group", 0644, "workers:x:1201:\n"));
    Node from =
        graph.files(
            List.of(),
            folder("/src"),
            file("/src/a.txt", 0600, "a"),
            file("/src/b.txt", 0600, "b"),
            file("/src/c.bin", 0600, "c"));
    ChownOpt byName =
        ChownOpt.newBuilder()
            .setUser(
                UserOpt.newBuilder()
                    .setByName(NamedUserOpt.newBuilder().setName("worker").setInput(0)))
            .build();

    assertThat(
            files(
                graph.files(
                    List.of(users, from),
                    copy(
                        1,
                        FileActionCopy.newBuilder()
                            .setSrc("/src")
                            .setDest("/deep/er")
                            .setCreateDestPath(true)
                            .setDirCopyContents(true)
                            .addIncludePatterns("*.txt")
                            .addExcludePatterns("b*")
                            .setOwner(byName)
                            .setMode(-1)
                            .setModeStr("u+x,g=r")
                            .setTimestamp(-1)),
                    copy(
                        1,
                        FileActionCopy.newBuilder()
                            .setSrc("/src/*.bin")
                            .setDest("/")
                            .setAllowWildcard(true)
                            .setMode(0444)
                            .setTimestamp(-1)),
                    copy(
                        1,
                        FileActionCopy.newBuilder()
                            .setSrc("/src/*.none")
                            .setDest("/")
                            .setAllowWildcard(true)
                            .setAllowEmptyWildcard(true)
                            .setMode(-1)
                            .setTimestamp(-1)))))
        .containsEntry("deep/er/a.txt", "0740 1200:1201 a")
        .containsEntry("c.bin", "0444 0:0 c")
        .doesNotContainKeys("deep/er/b.txt", "deep/er/c.bin");
    assertThat(
            failureOf(
                graph.files(
                    List.of(users, from),
                    copy(
                        1,
                        FileActionCopy.newBuilder()
                            .setSrc("/src/a.txt")
                            .setDest("/not/there/a")
                            .setMode(-1)
                            .setTimestamp(-1)))))
        .contains("no such file or directory");
  }

  // Trees over trees, builds in builds

  @Test
  void aDifferenceOnTopOfAnotherTreeRemovesWhatItRemoved() {
    Node lower = graph.files(List.of(), file("/kept", 0644, "k"), file("/removed", 0644, "r"));
    Node upper =
        graph.files(
            List.of(lower),
            FileAction.newBuilder()
                .setSecondaryInput(-1)
                .setRm(FileActionRm.newBuilder().setPath("/removed")),
            file("/added", 0644, "a"));
    Node change = graph.diff(lower, upper);
    Node other = graph.files(List.of(), file("/removed", 0600, "x"), file("/other", 0644, "o"));

    assertThat(files(change)).containsOnly(Map.entry("added", "0644 0:0 a"));
    assertThat(files(graph.merge(other, change)))
        .containsOnly(Map.entry("added", "0644 0:0 a"), Map.entry("other", "0644 0:0 o"));
  }

  @Test
  void aDefinitionInAFileIsBuilt() {
    LlbGraph inner = new LlbGraph();
    Definition definition =
        inner.definition(inner.files(List.of(), file("/made", 0644, "by the inner one")));
    Node holder =
        graph.files(
            List.of(),
            FileAction.newBuilder()
                .setSecondaryInput(-1)
                .setMkfile(
                    FileActionMkFile.newBuilder()
                        .setPath("/my.llb")
                        .setMode(0644)
                        .setData(definition.toByteString())
                        .setTimestamp(-1)));
    Node build =
        graph.add(
            LlbGraph.withInputs(List.of(holder))
                .setBuild(
                    BuildOp.newBuilder()
                        .setBuilder(-1)
                        .putInputs(
                            "buildkit.llb.definition", BuildInput.newBuilder().setInput(0).build())
                        .putAttrs("llbbuild.filename", "my.llb")));

    assertThat(files(build)).containsOnly(Map.entry("made", "0644 0:0 by the inner one"));
  }

  @Test
  void aPassthroughHandsOnWhatItIsToldTo() {
    Node one = graph.files(List.of(), file("/one", 0644, "1"));
    Node two = graph.files(List.of(), file("/two", 0644, "2"));
    Node both =
        graph.add(
            LlbGraph.withInputs(List.of(one, two))
                .setPassthrough(PassthroughOp.newBuilder().setId("p").addOutputs(1)));

    assertThat(files(both)).containsOnlyKeys("two");
  }

  @Test
  void filesOfTheClientAreTakenByPattern() throws IOException {
    Path sent = site.context("sent", Map.of("a/x.txt", "x", "a/y.md", "y", "b/z.txt", "z"));
    Files.createSymbolicLink(sent.resolve("link"), Path.of("b"));
    Offered offered = new Offered(Map.of("files", sent), Map.of(), Map.of());

    assertThat(
            entries(build(local(Map.of("local.includepattern", "[\"**/*.txt\"]")), offered))
                .keySet())
        .containsExactly("a/", "a/x.txt", "b/", "b/z.txt");
    assertThat(
            entries(build(local(Map.of("local.excludepatterns", "[\"a\",\"link\"]")), offered))
                .keySet())
        .containsExactly("b/", "b/z.txt");
    assertThat(
            entries(build(local(Map.of("local.followpaths", "[\"link/z.txt\"]")), offered))
                .keySet())
        .containsExactly("b/", "b/z.txt", "link");
  }

  private Node local(Map<String, String> attributes) {
    Map<String, String> all = new TreeMap<>(attributes);
    all.put("local.unique", String.valueOf(attributes.hashCode()));
    all.put("local.sharedkeyhint", String.valueOf(attributes.hashCode()));
    return graph.source("local://files", all);
  }

  // What goes along

  @Test
  void aStepThatIgnoresTheCacheRunsAgain() {
    Node step = graph.process("echo ran", meta -> meta);

    assertThat(printed(step)).isEqualTo("ran\n");
    assertThat(printed(step)).isEmpty();
    graph.with(step, OpMetadata.newBuilder().setIgnoreCache(true));
    assertThat(printed(step)).isEqualTo("ran\n");
  }

  @Test
  void aGroupIsToldWithItsSteps() {
    Node step = graph.process("echo grouped", meta -> meta);
    ProgressGroup group = ProgressGroup.newBuilder().setId("g").setName("group").build();
    graph.with(step, OpMetadata.newBuilder().setProgressGroup(group));

    assertThat(build(step).progress())
        .flatExtracting(update -> update.getVertexesList())
        .filteredOn(vertex -> vertex.getName().contains("echo grouped"))
        .isNotEmpty()
        .allSatisfy(vertex -> assertThat(vertex.getProgressGroup()).isEqualTo(group));
  }

  // How

  private Built build(Node result) {
    return build(result, NOTHING);
  }

  private Built build(Node result, Offered offered, String... entitlements) {
    return build(graph, result, offered, entitlements);
  }

  private Built build(LlbGraph graph, Node result, Offered offered, String... entitlements) {
    try (LibraryClient client = LibraryClient.of(site.daemon)) {
      return client.build(graph.definition(result), offered, entitlements);
    }
  }

  private String printed(Node result) {
    Built built = build(result);
    assertThat(built.failure()).isEmpty();
    return built.logs();
  }

  private String failureOf(Node result) {
    return build(result).failure().orElseThrow(() -> new AssertionError("it built")).getMessage();
  }

  private Map<String, String> files(Node result) {
    Built built = build(result);
    assertThat(built.failure()).isEmpty();
    return entries(built);
  }

  /// `mode uid:gid content`, or where a link leads, by path.
  private static Map<String, String> entries(Built built) {
    assertThat(built.failure()).isEmpty();
    Map<String, String> entries = new TreeMap<>();
    try (TarArchiveInputStream tar =
        new TarArchiveInputStream(new ByteArrayInputStream(built.archive()))) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        entries.put(
            entry.getName(),
            "%04o %d:%d %s"
                .formatted(
                    entry.getMode() & 07777,
                    entry.getLongUserId(),
                    entry.getLongGroupId(),
                    entry.isSymbolicLink()
                        ? "-> " + entry.getLinkName()
                        : new String(tar.readAllBytes(), StandardCharsets.UTF_8)));
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return entries;
  }

  private static Mount.Builder cache(String id, CacheSharingOpt sharing) {
    return mount(MountType.CACHE, "/c")
        .setCacheOpt(CacheOpt.newBuilder().setID(id).setSharing(sharing));
  }

  private static Offered secrets(Map<String, String> values) {
    Map<String, Secret> secrets = new TreeMap<>();
    values.forEach((id, value) -> secrets.put(id, () -> value.getBytes(StandardCharsets.UTF_8)));
    return new Offered(Map.of(), Map.of(), secrets);
  }

  private static FileAction.Builder file(String path, int mode, String text) {
    return FileAction.newBuilder()
        .setSecondaryInput(-1)
        .setMkfile(
            FileActionMkFile.newBuilder()
                .setPath(path)
                .setMode(mode)
                .setData(ByteString.copyFromUtf8(text))
                .setTimestamp(-1));
  }

  private static FileAction.Builder folder(String path) {
    return FileAction.newBuilder()
        .setSecondaryInput(-1)
        .setMkdir(FileActionMkDir.newBuilder().setPath(path).setMode(0755).setTimestamp(-1));
  }

  private static FileAction.Builder copy(int from, FileActionCopy.Builder what) {
    return FileAction.newBuilder().setSecondaryInput(from).setCopy(what);
  }

  private static ChownOpt owner(int user, int group) {
    return ChownOpt.newBuilder()
        .setUser(UserOpt.newBuilder().setByID(user))
        .setGroup(UserOpt.newBuilder().setByID(group))
        .build();
  }
}
