package dev.slipway.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/// A daemon whose steps have networks of their own, by Debian's CNI plug-ins.
@Isolated
final class CniIT {
  /// Of the range kept for benchmarks (RFC 2544), which no machine that builds is in.
  private static final String SUBNET = "198.18.78.";

  private static final Path DEVICES = Path.of("/sys/class/net");

  @Test
  void stepsAreOnABridgeAndNothingOfItOutlivesADaemonThatWasKilled(@TempDir Path folder)
      throws IOException {
    String bridge = "slwcni" + Long.toString(ProcessHandle.current().pid() % 100_000);
    Path leases = folder.resolve("leases");
    Path config = folder.resolve("net.conflist");
    Files.writeString(
        config,
        """
        {"cniVersion": "1.0.0", "name": "net", "plugins": [
          {"type": "bridge", "bridge": "%s", "isGateway": true,
           "ipam": {"type": "host-local", "dataDir": "%s", "ranges": [[{"subnet": "%s0/24"}]]}}]}
        """
            .formatted(bridge, leases, SUBNET));
    try (BuildSite site =
        BuildSite.open(
            folder,
            "--oci-cni-config-path=" + config,
            "--oci-cni-binary-dir=" + plugins(Distribution.underTest()),
            "--oci-cni-pool-size=1")) {
      assertThat(site.buildctl().succeed("debug", "workers", "-v").out())
          .containsPattern("org.mobyproject.buildkit.worker.network:\\s+cni");

      Path context =
          site.context(
              "addresses",
              Map.of(
                  "Dockerfile",
                  """
                  FROM busybox
                  RUN ip -4 -o addr show eth1 | grep -q 'inet %s' && ip -o link show lo | grep -q LOWER_UP
                  RUN ip -4 route | grep -q '%s0/24 dev eth1'
                  RUN --network=none ! ip -o link show eth1
                  RUN echo waits && sleep 600
                  """
                      .formatted(SUBNET, SUBNET)));
      Tool.Running build = site.buildxBuild().start("--no-cache", context.toString());
      Await.until(
          "the last step runs",
          Duration.ofMinutes(5),
          () -> build.err().soFar().contains("waits\n"));
      site.daemon.kill();
      build.await();
      assertThat(onBridge(bridge)).as("devices that the kill left").isNotEmpty();

      site.daemon.startAgain();
      site.daemon.stop();

      assertThat(onBridge(bridge)).isEmpty();
      assertThat(leased(leases)).isEmpty();
    } finally {
      if (Files.exists(DEVICES.resolve(bridge))) {
        Tool.of(Distribution.underTest(), "ip", folder).succeed("link", "delete", bridge);
      }
    }
  }

  /// Installed, or what `fetch` unpacked.
  private static Path plugins(Distribution distribution) {
    return Stream.of(Path.of("/usr/lib/cni"), distribution.tools().resolve("root/usr/lib/cni"))
        .filter(directory -> Files.isExecutable(directory.resolve("bridge")))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no CNI plug-ins; run deploy/tools/fetch"));
  }

  private static List<Path> onBridge(String bridge) throws IOException {
    try (Stream<Path> devices = Files.list(DEVICES.resolve(bridge).resolve("brif"))) {
      return devices.toList();
    }
  }

  private static List<Path> leased(Path leases) throws IOException {
    try (Stream<Path> files = Files.list(leases.resolve("net"))) {
      return files.filter(file -> file.getFileName().toString().startsWith(SUBNET)).toList();
    }
  }
}
