package dev.slipway.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/// README's first command, by a person who has nothing yet. Runs beside other classes: most of its
/// time is Debian's.
@Execution(ExecutionMode.CONCURRENT)
final class QuickstartIT {
  private static final Path SOURCES = Path.of("..").toAbsolutePath().normalize();

  /// Where Maven keeps what it downloads; shared with the tree so that the test does not download
  /// it all again.
  private static final Path DOWNLOADS = Path.of(System.getProperty("user.home"), ".m2");

  private final Distribution distribution = Distribution.underTest();

  @Test
  void aFreshDebianMachineBuildsForTwoPlatformsAndThenFromItsCache(@TempDir Path folder)
      throws IOException {
    Path tree = freshDebian(folder);
    Tool quickstart = insideOf(tree, folder);

    Tool.Outcome first;
    Tool.Outcome second;
    try {
      first = quickstart.succeed("/src/deploy/quickstart");
      second = quickstart.succeed("/src/deploy/quickstart");
    } finally {
      quickstart.succeed("/src/deploy/quickstart", "stop");
      Tool.of(distribution, "rm", folder).succeed("-rf", "--one-file-system", tree.toString());
    }

    assertThat(first.out())
        .contains("uname -m said x86_64 for linux/amd64 and aarch64 for linux/arm64")
        .containsPattern("index +127\\.0\\.0\\.1:\\d+/slipway/hello:latest@sha256:[0-9a-f]{64}")
        .contains(
            "docker buildx create --name slipway --driver remote unix:///run/slipway-quickstart/slipwayd.sock");
    List<String> steps =
        second
            .out()
            .lines()
            .filter(line -> line.matches("#\\d+ \\[linux/.*(RUN|COPY) .*"))
            .toList();
    assertThat(steps).hasSizeGreaterThanOrEqualTo(8);
    for (String step : steps) {
      String number = step.substring(0, step.indexOf(' '));
      assertThat(second.out()).as(step).contains("\n" + number + " CACHED");
    }
    assertThat(digestIn(second)).isEqualTo(digestIn(first));
  }

  @Test
  void withoutRootItSaysSo(@TempDir Path folder) {
    Tool.Outcome outcome =
        Tool.of(distribution, "setpriv", folder)
            .run(
                "--reuid=65534", "--clear-groups", SOURCES.resolve("deploy/quickstart").toString());

    assertThat(outcome.exit()).isEqualTo(1);
    assertThat(outcome.err()).contains("run it as root");
  }

  @Test
  void withoutAToolAndWithoutAptItNamesTheTool(@TempDir Path folder) throws IOException {
    // A search path that has what the script itself uses, and neither Maven nor apt.
    Path programs = Files.createDirectories(folder.resolve("bin"));
    for (String name : List.of("id", "dirname", "grep", "head", "cat", "sh", "printf")) {
      Files.createSymbolicLink(programs.resolve(name), distribution.program(name));
    }

    Tool.Outcome outcome =
        Tool.of(distribution, "sh", folder)
            .withEnvironment("PATH", programs.toString())
            .run(SOURCES.resolve("deploy/quickstart").toString());

    assertThat(outcome.exit()).isEqualTo(1);
    assertThat(outcome.err())
        .contains("missing")
        .contains("maven")
        .contains("runc")
        .contains("qemu-user-static");
  }

  /// A minimal Debian of the machine's own release, with a JDK 25 in place and the sources in
  /// `/src`.
  private Path freshDebian(Path folder) throws IOException {
    Path tree = folder.resolve("tree");
    Tool shell = Tool.of(distribution, "sh", folder).within(Duration.ofMinutes(45));
    Map<String, String> places =
        Map.of(
            "TREE", tree.toString(),
            "SOURCES", SOURCES.toString(),
            "JDK", System.getProperty("java.home"),
            "DEBOOTSTRAP", distribution.program("debootstrap").toString());
    for (Map.Entry<String, String> place : places.entrySet()) {
      shell = shell.withEnvironment(place.getKey(), place.getValue());
    }
    shell.succeed(
        "-euc",
        """
        . /etc/os-release
        . "$SOURCES/deploy/tools/again"
        make_tree() {
          rm -rf --one-file-system "$TREE"
          "$DEBOOTSTRAP" --variant=minbase --include=ca-certificates \
            "$VERSION_CODENAME" "$TREE" "${DEBIAN_MIRROR:-http://deb.debian.org/debian}"
        }
        again "make a Debian of packages" make_tree
        mkdir -p "$TREE/src" "$TREE/usr/lib/jvm/jdk" "$TREE/root/.m2"
        git -C "$SOURCES" ls-files -z | (cd "$SOURCES" && xargs -0 cp --parents -a -t "$TREE/src")
        cp /etc/resolv.conf /etc/hosts "$TREE/etc/"
        cp -r /etc/apt/apt.conf.d/. "$TREE/etc/apt/apt.conf.d/"
        """);
    return tree;
  }

  /// Runs commands in the tree, in a mount namespace of their own that takes its mounts along when
  /// it ends.
  private Tool insideOf(Path tree, Path folder) {
    return Tool.of(distribution, "unshare", folder)
        .within(Duration.ofMinutes(45))
        .withEnvironment("TREE", tree.toString())
        .withEnvironment("TESTS", System.getProperty("java.io.tmpdir"))
        .withEnvironment("JDK", System.getProperty("java.home"))
        .withEnvironment("DOWNLOADS", DOWNLOADS.toString())
        .withEnvironment("HOME", "/root")
        .withEnvironment("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .with(
            "--mount",
            "sh",
            "-euc",
            """
            # Steps of other tests may have file systems mounted just now: in here those would stay.
            grep -- ' - overlay ' /proc/self/mountinfo | cut -d ' ' -f 5 | grep "^$TESTS/" |
              xargs -r -n 1 umount -l || true
            mount --bind "$TREE" "$TREE"
            mount --rbind /dev "$TREE/dev"
            mount --rbind /sys "$TREE/sys"
            mount -t proc proc "$TREE/proc"
            mount -t tmpfs tmpfs "$TREE/tmp"
            mount --bind -o ro "$JDK" "$TREE/usr/lib/jvm/jdk"
            mount --bind "$DOWNLOADS" "$TREE/root/.m2"
            unset JAVA_HOME
            exec chroot "$TREE" "$@"
            """,
            "inside");
  }

  private static String digestIn(Tool.Outcome outcome) {
    return outcome
        .out()
        .lines()
        .filter(line -> line.startsWith("index "))
        .findFirst()
        .orElseThrow();
  }
}
