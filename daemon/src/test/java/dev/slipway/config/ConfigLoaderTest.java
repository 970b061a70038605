package dev.slipway.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.config.ConfigLoader.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigLoaderTest {
  private static final long TB = 1_000_000_000_000L;
  private static final long GB = 1_000_000_000L;

  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void emptyFile() throws IOException {
    file = Files.writeString(folder.resolve("buildkitd.toml"), "");
  }

  @Test
  void defaultsAreThoseOfBuildkitd() throws Exception {
    DaemonConfig config = load("");

    assertThat(config.root()).hasToString("/var/lib/buildkit");
    assertThat(config.insecureEntitlements()).isEmpty();
    assertThat(config.proxyNetwork()).isFalse();
    assertThat(config.provenanceEnvDir()).hasToString("/etc/buildkit/provenance.d");
    assertThat(config.log()).isEqualTo(new DaemonConfig.Log("text", "info"));
    assertThat(config.grpc())
        .isEqualTo(
            new DaemonConfig.Grpc(
                List.of("unix:///run/buildkit/buildkitd.sock"),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty()));
    assertThat(config.otelSocketPath()).hasToString("/run/buildkit/otel-grpc.sock");
    assertThat(config.cdi())
        .isEqualTo(
            new DaemonConfig.Cdi(
                false, List.of("/etc/cdi", "/var/run/cdi", "/etc/buildkit/cdi"), List.of()));
    assertThat(config.dns()).isEqualTo(new DaemonConfig.Dns(List.of(), List.of(), List.of()));
    assertThat(config.history()).isEqualTo(new DaemonConfig.History(Duration.ofHours(48), 50));
    assertThat(config.ociWorker())
        .isEqualTo(
            new DaemonConfig.OciWorker(
                Optional.empty(),
                Map.of(),
                List.of(),
                "auto",
                false,
                false,
                new GcConfig(true, DiskSpace.NONE, DiskSpace.NONE, DiskSpace.NONE, List.of()),
                new DaemonConfig.Network(
                    "auto",
                    Path.of("/etc/buildkit/cni.json"),
                    Path.of("/opt/cni/bin"),
                    0,
                    "buildkit0",
                    "10.10.0.0/16"),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                false,
                0));
    assertThat(config.registries()).isEmpty();
    assertThat(config.frontends()).isEqualTo(new DaemonConfig.Frontends(true, true, List.of()));
    assertThat(config.limits())
        .isEqualTo(
            new DaemonConfig.Limits(Optional.empty(), 4, Optional.empty(), Optional.empty()));
    assertThat(config.slipway())
        .isEqualTo(
            new DaemonConfig.Slipway(
                Optional.empty(), Duration.ofSeconds(60), false, true, 0, true));
  }

  @Test
  void everyKeyOfBuildkitdIsUnderstood() throws Exception {
    DaemonConfig config =
        load(
            """
            debug = true
            root = "/data"
            insecure-entitlements = ["network.host", "security.insecure", "device=nvidia"]
            proxyNetwork = true
            provenanceEnvDir = "/p"
            [log]
            format = "json"
            level = "warn"
            [dns]
            nameservers = ["1.1.1.1"]
            options = ["edns0"]
            searchDomains = ["example.com"]
            [grpc]
            address = ["tcp://0.0.0.0:1234", "unix:///x.sock"]
            debugAddress = "0.0.0.0:6060"
            uid = 1
            gid = 2
            securityDescriptor = ""
            [grpc.tls]
            cert = "/c"
            key = "/k"
            ca = "/a"
            [otel]
            socketPath = "/otel"
            [cdi]
            disabled = true
            specDirs = ["/cdi"]
            autoAllowed = ["x"]
            [history]
            maxAge = 172
            maxEntries = 7
            [worker.oci]
            enabled = true
            platforms = ["linux/amd64"]
            snapshotter = "overlayfs"
            rootless = false
            noProcessSandbox = true
            gc = false
            reservedSpace = "30%"
            maxUsedSpace = "60GB"
            minFreeSpace = 20000000000
            networkMode = "host"
            cniConfigPath = "/cni.json"
            cniBinaryPath = "/cni"
            cniPoolSize = 16
            bridgeName = "b0"
            bridgeSubnet = "10.1.0.0/16"
            binary = "crun"
            defaultCgroupParent = "buildkit"
            apparmor-profile = "p"
            selinux = true
            max-parallelism = 4
            [worker.oci.labels]
            "foo" = "bar"
            [[worker.oci.gcpolicy]]
            reservedSpace = "512MB"
            keepDuration = "48h"
            filters = ["type==source.local"]
            [[worker.oci.gcpolicy]]
            all = true
            keepBytes = 1024
            [worker.containerd]
            enabled = false
            address = "/run/containerd/containerd.sock"
            [registry."docker.io"]
            mirrors = ["yourmirror.local:5000", "core.harbor.domain/proxy.docker.io"]
            http = true
            insecure = true
            ca = ["/etc/config/myca.pem"]
            tlsconfigdir = ["/t"]
            [[registry."docker.io".keypair]]
            key = "/key.pem"
            cert = "/cert.pem"
            [frontend."dockerfile.v0"]
            enabled = true
            [frontend."gateway.v0"]
            enabled = false
            allowedRepositories = ["docker/dockerfile"]
            [system]
            platformsCacheMaxAge = "1h"
            maxRegistryConcurrency = 9
            [cache.gha.sign]
            command = ["sign", "--quiet"]
            [cache.gha.verify]
            required = true
            [cache.gha.verify.policy]
            timestampThreshold = 1
            SourceRepositoryURI = "https://github.com/owner/*"
            [slipway]
            metricsAddress = "127.0.0.1:9090"
            drainTimeout = "5m"
            allowInsecureTcp = true
            registerBinfmt = false
            maxEmulatedParallelism = 3
            rehearsal = false
            """);

    assertThat(config.log()).isEqualTo(new DaemonConfig.Log("json", "debug"));
    assertThat(config.grpc())
        .isEqualTo(
            new DaemonConfig.Grpc(
                List.of("tcp://0.0.0.0:1234", "unix:///x.sock"),
                Optional.of("0.0.0.0:6060"),
                Optional.of(1),
                Optional.of("2"),
                Optional.of(
                    new DaemonConfig.Tls(
                        Path.of("/c"), Path.of("/k"), Optional.of(Path.of("/a"))))));
    assertThat(config.history()).isEqualTo(new DaemonConfig.History(Duration.ofSeconds(172), 7));
    assertThat(config.ghaCache())
        .isEqualTo(new DaemonConfig.GhaCache(List.of("sign", "--quiet"), true));
    assertThat(config.ociWorker().gc())
        .isEqualTo(
            new GcConfig(
                false,
                new DiskSpace.Share(30),
                new DiskSpace.Bytes(60 * GB),
                new DiskSpace.Bytes(20 * GB),
                List.of(
                    new GcConfig.Rule(
                        false,
                        List.of("type==source.local"),
                        Duration.ofHours(48),
                        new DiskSpace.Bytes(512_000_000),
                        DiskSpace.NONE,
                        DiskSpace.NONE),
                    new GcConfig.Rule(
                        true,
                        List.of(),
                        Duration.ZERO,
                        new DiskSpace.Bytes(1024),
                        DiskSpace.NONE,
                        DiskSpace.NONE))));
    assertThat(config.ociWorker().labels()).isEqualTo(Map.of("foo", "bar"));
    assertThat(config.ociWorker().maxParallelism()).isEqualTo(4);
    assertThat(config.registries().get("docker.io"))
        .isEqualTo(
            new DaemonConfig.Registry(
                List.of("yourmirror.local:5000", "core.harbor.domain/proxy.docker.io"),
                Optional.of(true),
                Optional.of(true),
                List.of(Path.of("/etc/config/myca.pem")),
                List.of(new DaemonConfig.KeyPair(Path.of("/key.pem"), Path.of("/cert.pem"))),
                List.of(Path.of("/t"))));
    assertThat(config.frontends())
        .isEqualTo(new DaemonConfig.Frontends(true, false, List.of("docker/dockerfile")));
    assertThat(config.slipway())
        .isEqualTo(
            new DaemonConfig.Slipway(
                Optional.of("127.0.0.1:9090"), Duration.ofMinutes(5), true, false, 3, false));
  }

  @Test
  void theEnvironmentSaysWhetherThereIsARehearsal() throws Exception {
    assertThat(run(List.of(), Map.of()).slipway().rehearsal()).isTrue();
    assertThat(run(List.of(), Map.of("SLIPWAY_REHEARSAL", "0")).slipway().rehearsal()).isFalse();
    assertThatThrownBy(() -> run(List.of(), Map.of("SLIPWAY_REHEARSAL", "no")))
        .isInstanceOf(ConfigMistakes.class)
        .hasMessageContaining("SLIPWAY_REHEARSAL");
  }

  @Test
  void allMistakesAreReportedAtOnceWithLineAndSuggestion() {
    assertThatThrownBy(
            () ->
                load(
                    """
                    rot = "/data"
                    proxyNetwork = "yes"
                    [worker.oci]
                    maxParallelism = 4
                    networkMode = "bridged"
                    reservedSpace = "lots"
                    [grpc.tls]
                    cert = "/c"
                    """))
        .isInstanceOfSatisfying(
            ConfigMistakes.class,
            mistakes ->
                assertThat(mistakes.mistakes())
                    .containsExactlyInAnyOrder(
                        file + ":1: unknown key rot; did you mean root?",
                        file + ":2: proxyNetwork: want true or false",
                        file
                            + ":4: unknown key maxParallelism in [worker.oci]; did you mean max-parallelism?",
                        file
                            + ":5: worker.oci.networkMode: want one of auto, cni, host, bridge, none, not \"bridged\"",
                        file
                            + ":6: worker.oci.reservedSpace: invalid size \"lots\": want bytes, a form like 512MB, or a share like 10%",
                        file + ":7: grpc.tls: cert and key must be given together"));
  }

  @Test
  void brokenTomlIsReportedWithItsLine() {
    assertThatThrownBy(() -> load("root = \"/x\"\n[grpc\n"))
        .isInstanceOf(ConfigMistakes.class)
        .hasMessageContaining(file + ":2:");
  }

  @Test
  void aMissingFileMattersOnlyWhenItWasNamed() {
    assertThatThrownBy(
            () -> ConfigLoader.load("slipwayd", List.of("--config", "/nowhere.toml"), Map.of()))
        .isInstanceOf(ConfigMistakes.class)
        .hasMessageContaining("/nowhere.toml does not exist");
  }

  @Test
  void theFlagsOfTheConformanceSuitesAreTaken() throws Exception {
    DaemonConfig config =
        load(
            "[log]\nlevel = \"error\"",
            "--oci-worker=true",
            "--containerd-worker=false",
            "--oci-worker-gc=false",
            "--oci-worker-labels=org.mobyproject.buildkit.worker.sandbox=true",
            "--oci-worker-labels",
            "a=b=c",
            "--root",
            "/r",
            "--addr",
            "unix:///a.sock",
            "--addr=tcp://127.0.0.1:1",
            "-debug",
            "--oci-worker-gc-keepstorage=10,20%,30",
            "--allow-insecure-entitlement",
            "network.host",
            "--group",
            "docker",
            "--oci-max-parallelism=3");

    assertThat(config.root()).hasToString("/r");
    assertThat(config.log().level()).isEqualTo("debug");
    assertThat(config.grpc().addresses()).containsExactly("unix:///a.sock", "tcp://127.0.0.1:1");
    assertThat(config.grpc().group()).contains("docker");
    assertThat(config.ociWorker().enabled()).contains(true);
    assertThat(config.ociWorker().labels())
        .isEqualTo(Map.of("org.mobyproject.buildkit.worker.sandbox", "true", "a", "b=c"));
    assertThat(config.ociWorker().gc())
        .isEqualTo(
            new GcConfig(
                false,
                new DiskSpace.Bytes(10_000_000),
                new DiskSpace.Bytes(30_000_000),
                new DiskSpace.Share(20),
                List.of()));
    assertThat(config.insecureEntitlements()).containsExactly("network.host");
    assertThat(config.ociWorker().maxParallelism()).isEqualTo(3);
  }

  @Test
  void theOldNameOfReservedSpaceCountsWhereTheNewIsNotGiven() throws Exception {
    String old =
        """
        [worker.oci]
        gckeepstorage = 9000
        """;
    DaemonConfig alone = load(old);
    DaemonConfig both = load(old + "reservedSpace = 7000\n");

    assertThat(alone.ociWorker().gc().reservedSpace()).isEqualTo(new DiskSpace.Bytes(9000));
    assertThat(both.ociWorker().gc().reservedSpace()).isEqualTo(new DiskSpace.Bytes(7000));
  }

  @Test
  void flagsWinOverEnvironmentAndEnvironmentOverFile() throws Exception {
    Map<String, String> environment =
        Map.of("BUILDKITD_LOG_LEVEL", "warn", "BUILDKIT_STEP_LOG_MAX_SIZE", "-1");
    Files.writeString(file, "[log]\nlevel = \"error\"\n");

    DaemonConfig byEnvironment = run(List.of(), environment);
    DaemonConfig byFlag = run(List.of("--log-level", "trace"), environment);

    assertThat(byEnvironment.log().level()).isEqualTo("warn");
    assertThat(byFlag.log().level()).isEqualTo("trace");
    assertThat(byFlag.limits().stepLogBytes()).contains(-1L);
  }

  @Test
  void unknownFlagsAreRefusedWithASuggestion() {
    assertThatThrownBy(() -> load("", "--adr=unix:///x", "build"))
        .isInstanceOfSatisfying(
            ConfigMistakes.class,
            mistakes ->
                assertThat(mistakes.mistakes())
                    .containsExactly(
                        "flag provided but not defined: --adr; did you mean --addr?",
                        "unexpected argument build: the daemon takes flags only"));
  }

  @Test
  void helpNamesEveryFlagThatHasAnEffect() throws Exception {
    Outcome outcome = ConfigLoader.load("slipwayd", List.of("--help"), Map.of());

    assertThat(outcome)
        .isInstanceOfSatisfying(
            Outcome.ShowHelp.class,
            help -> assertThat(help.text()).contains("--addr ADDR", "slipwayd"));
  }

  @Test
  void defaultCollectionRulesAreThoseOfBuildkitd() throws Exception {
    List<GcConfig.ResolvedRule> rules = load("").ociWorker().gc().resolve(TB);

    List<String> cheap =
        List.of("type==source.local", "type==exec.cachemount", "type==source.git.checkout");
    long free = (TB / 5 / (1L << 30) + 1) * GB;
    assertThat(rules)
        .containsExactly(
            new GcConfig.ResolvedRule(false, cheap, Duration.ofHours(48), 0, 512_000_000, 0),
            new GcConfig.ResolvedRule(
                false, List.of(), Duration.ofDays(60), 10 * GB, 100 * GB, free),
            new GcConfig.ResolvedRule(false, List.of(), Duration.ZERO, 10 * GB, 100 * GB, free),
            new GcConfig.ResolvedRule(true, List.of(), Duration.ZERO, 10 * GB, 100 * GB, free));
  }

  private DaemonConfig load(String toml, String... arguments) throws ConfigMistakes, IOException {
    Files.writeString(file, toml);
    return run(List.of(arguments), Map.of());
  }

  private DaemonConfig run(List<String> arguments, Map<String, String> environment)
      throws ConfigMistakes {
    List<String> all = new ArrayList<>(List.of("--config", file.toString()));
    all.addAll(arguments);
    Outcome outcome = ConfigLoader.load("slipwayd", all, environment);
    return ((Outcome.Run) outcome).config();
  }
}
