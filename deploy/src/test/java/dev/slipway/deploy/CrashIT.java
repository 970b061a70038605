package dev.slipway.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.api.control.DiskUsageRequest;
import dev.slipway.api.control.UsageRecord;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/// `kill -9` of the daemon at different moments of a build: nothing is lost but the unfinished,
/// nothing is left behind.
@Isolated
final class CrashIT {
  /// Against hanging only: how long a start takes is for `BenchmarkIT` to print.
  private static final Duration READY_AGAIN_WITHIN = Duration.ofMinutes(3);

  private static final Duration SETTLED_WITHIN = Duration.ofMinutes(1);

  /// Metadata and build logs; each round of the build writes 40 MB of layers.
  private static final long LEFT_AT_MOST = 20_000_000;

  private static final Pattern PLACE =
      Pattern.compile("^\\[(?<platform>\\S+) (?<number>\\d+)/(?<total>\\d+)\\]");

  /// What a build has shown, in this order, when the daemon is killed.
  private static final String[] MOMENTS = {
    "load build definition",
    "load metadata for",
    "load build context",
    "[linux/amd64 1/5] FROM",
    "COPY many /many",
    "RUN echo first",
    "first is done",
    "RUN echo second",
    "RUN head -c 20000000",
    "exporting to oci image format",
  };

  @Test
  void theDaemonSurvivesKillAtTenMomentsOfABuild(@TempDir Path folder) {
    try (BuildSite site = BuildSite.open(folder)) {
      // What a running daemon that does nothing has mounted for itself.
      Remains atRest = Remains.below(site.path("daemon"));
      for (int i = 0; i < MOMENTS.length; i++) {
        killAndBuildAgain(site, i, atRest);
      }

      // What ten kills left behind and no record owns would outlive this.
      site.buildx().succeed("prune", "--builder", "site", "--all", "--force");
      assertThat(site.buildx().succeed("du", "--builder", "site").out())
          .containsPattern("Total:\\s+0B");
      Await.until(
          "the pruned bytes are gone",
          Duration.ofMinutes(2),
          () -> bytesBelow(site.daemon.root()) < LEFT_AT_MOST);
    }
  }

  private static void killAndBuildAgain(BuildSite site, int number, Remains atRest) {
    String moment = MOMENTS[number];
    // Each round has a first step of its own, so that nothing of it is cached from the round
    // before.
    Path context = context(site, number);
    Tool build = site.buildxBuild().with("--platform", "linux/amd64,linux/arm64");
    String output = "type=oci,dest=" + site.path("crash-" + number + ".tar");

    Tool.Running interrupted = build.start("-o", output, context.toString());
    Await.until(
        "the build shows " + moment,
        Duration.ofMinutes(10),
        () -> interrupted.err().soFar().contains(moment) || !interrupted.process().isAlive());
    site.daemon.kill();
    Tool.Outcome cut = interrupted.await();
    String finished = cut.all();

    site.daemon.startAgain();
    assertThat(site.daemon.readyAfter())
        .as("ready again after a kill at '%s'", moment)
        .isLessThan(READY_AGAIN_WITHIN);
    if (site.distribution.isOurs()) {
      Await.until(
          "nothing is left of the daemon killed at " + moment,
          SETTLED_WITHIN,
          () -> Remains.below(site.path("daemon")).equals(atRest));
    }

    Progress again =
        Progress.parse(
            build.with("--progress", "rawjson").succeed("-o", output, context.toString()).all());

    for (Progress.Vertex step : again.workSteps()) {
      if (wasKept(finished, step.name())) {
        assertThat(step.cached())
            .as("'%s', finished before the kill at '%s'", step.name(), moment)
            .isTrue();
      }
    }
    if (site.distribution.isOurs()) {
      assertTheLedgerEqualsTheDisk(site, moment);
    }
  }

  /// What `du` answers is what layers and their blobs take; configs, manifests and the logs of
  /// builds belong to no record. What the build left to be removed may go a little later.
  private static void assertTheLedgerEqualsTheDisk(BuildSite site, String moment) {
    long end = System.nanoTime() + SETTLED_WITHIN.toNanos();
    Ledger ledger = Ledger.of(site);
    while (!ledger.isExact() && System.nanoTime() < end) {
      LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
      ledger = Ledger.of(site);
    }
    assertThat(ledger.recorded())
        .as("bytes of all records after a kill at '%s'", moment)
        .isEqualTo(ledger.onDisk());
  }

  /// @param recorded bytes of all records
  /// @param onDisk bytes of layers and their blobs; -1: something went while it was looked at
  private record Ledger(long recorded, long onDisk) {
    static Ledger of(BuildSite site) {
      long layers = bytesOfLayers(site);
      long blobs = bytesOfLayerBlobs(site.daemon.root());
      return new Ledger(recordedBytes(site), layers < 0 || blobs < 0 ? -1 : layers + blobs);
    }

    boolean isExact() {
      return recorded == onDisk;
    }
  }

  private static long recordedBytes(BuildSite site) {
    try (DaemonChannel channel = DaemonChannel.to(site.daemon)) {
      return channel
          .control()
          .diskUsage(DiskUsageRequest.getDefaultInstance())
          .getRecordList()
          .stream()
          .mapToLong(UsageRecord::getSize)
          .sum();
    }
  }

  private static long bytesOfLayers(BuildSite site) {
    try (Stream<Path> snapshots = Files.list(site.daemon.root().resolve("snapshots"))) {
      List<String> layers =
          snapshots
              .map(each -> each.resolve("fs"))
              .filter(Files::isDirectory)
              .map(Path::toString)
              .toList();
      if (layers.isEmpty()) {
        return 0;
      }
      Tool.Outcome told = site.tool("du").with("-s", "-B1").run(layers.toArray(String[]::new));
      return told.exit() == 0
          ? told.out()
              .lines()
              .mapToLong(line -> Long.parseLong(line.substring(0, line.indexOf('\t'))))
              .sum()
          : -1;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long bytesOfLayerBlobs(Path root) {
    try (Stream<Path> files = Files.walk(root.resolve("content/blobs"))) {
      return files
          .filter(Files::isRegularFile)
          .filter(CrashIT::isGzip)
          .mapToLong(CrashIT::bytesOf)
          .sum();
    } catch (IOException | UncheckedIOException changedMeanwhile) {
      return -1;
    }
  }

  private static boolean isGzip(Path blob) {
    try (InputStream bytes = Files.newInputStream(blob)) {
      return bytes.read() == 0x1f && bytes.read() == 0x8b;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long bytesBelow(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.mapToLong(CrashIT::bytesOf).sum();
    } catch (IOException | UncheckedIOException changedMeanwhile) {
      return Long.MAX_VALUE;
    }
  }

  private static long bytesOf(Path file) {
    try {
      return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) ? Files.size(file) : 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path context(BuildSite site, int number) {
    Path context =
        site.context(
            "crash-" + number,
            Map.of(
                "Dockerfile",
                """
                FROM busybox
                COPY many /many
                RUN echo first %1$d > /1; sleep 1; echo first is done
                RUN echo second > /2; sleep 1
                RUN head -c 20000000 /dev/urandom > /3
                """
                    .formatted(number)));
    for (int i = 0; i < 200; i++) {
      site.context("crash-" + number, Map.of("many/" + i, "file " + i + " of round " + number));
    }
    return context;
  }

  /// Whether a step was done and another has begun on what it made: it is told to be done a moment
  /// before it is kept.
  private static boolean wasKept(String plainProgress, String name) {
    Matcher place = PLACE.matcher(name);
    if (!place.find()) {
      throw new AssertionError("no step of a Dockerfile: " + name);
    }
    int next = Integer.parseInt(place.group("number")) + 1;
    String total = place.group("total");
    String after =
        next > Integer.parseInt(total)
            ? "exporting to oci image format"
            : "[%s %d/%s]".formatted(place.group("platform"), next, total);
    return plainProgress.contains(after) && wasDone(plainProgress, name);
  }

  /// Whether the plain progress shows that a step was done, in a form like `#7 [linux/amd64 2/5]
  /// COPY …`, `#7 DONE 0.1s`.
  private static boolean wasDone(String plainProgress, String name) {
    return plainProgress
        .lines()
        .filter(line -> line.endsWith(" " + name))
        .map(line -> line.substring(0, line.indexOf(' ')))
        .anyMatch(
            number ->
                plainProgress.contains("\n" + number + " DONE")
                    || plainProgress.contains("\n" + number + " CACHED"));
  }
}
