package dev.slipway.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.api.control.ListWorkersRequest;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/// Prints how long things take, whole calls of the real buildx included. Run on another daemon by
/// `slipway.test.daemon`, the figures stand side by side; alone they mean little, as machines
/// differ.
///
/// What is asserted is that the work was done, and bounds so wide that only a broken build misses
/// them.
@Isolated
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class BenchmarkIT {
  private static final int MEBIBYTE = 1 << 20;
  private static final int STEPS = 30;
  private static final int FILES = 20_000;
  private static final int MANY_LAYERS = 60;

  /// Mebibytes; `-Dslipway.test.layer=2048` for figures that mean something.
  private static final int BIG_LAYER = Integer.getInteger("slipway.test.layer", 128);

  private final List<String> figures = new ArrayList<>();
  private Path folder;
  private BuildSite site;

  @BeforeAll
  void open(@TempDir Path newFolder) {
    folder = newFolder;
    site = BuildSite.open(folder);
  }

  @AfterAll
  void close() throws IOException {
    site.close();
    String report =
        "benchmarks of " + site.distribution.daemon() + "\n" + String.join("\n", figures) + "\n";
    System.out.println(report);
    Files.writeString(site.distribution.tools().resolveSibling("benchmarks.txt"), report);
  }

  @Test
  void startAndRest() throws IOException {
    List<Duration> ready = new ArrayList<>();
    List<Duration> answered = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      site.daemon.stop();
      long start = System.nanoTime();
      site.daemon.startAgain();
      ready.add(site.daemon.readyAfter());
      try (DaemonChannel channel = DaemonChannel.to(site.daemon)) {
        assertThat(
                channel
                    .control()
                    .listWorkers(ListWorkersRequest.getDefaultInstance())
                    .getRecordCount())
            .isPositive();
      }
      answered.add(Duration.ofNanos(System.nanoTime() - start));
    }

    figure("exec to socket taken", median(ready));
    figure("exec to first answer", median(answered));
    figures.add("%-52s %8d MiB".formatted("resident memory at rest", memory("VmRSS:") / MEBIBYTE));
    assertThat(median(answered)).isLessThan(Duration.ofSeconds(30));
  }

  @Test
  void stepsThatDoNothing() throws IOException {
    Duration bare = bareRuntime();
    Path context = site.context("steps", Map.of("Dockerfile", dockerfile(STEPS, "RUN true ")));
    site.buildxBuild()
        .succeed(site.context("warm", Map.of("Dockerfile", "FROM busybox\nRUN true\n")).toString());

    Duration cold = timed(site.buildxBuild(), context.toString());
    Duration noSteps =
        timed(
            site.buildxBuild(),
            site.context("none", Map.of("Dockerfile", "FROM busybox\n")).toString());

    figure(STEPS + " RUN steps that do nothing", cold);
    Duration step = cold.minus(noSteps).dividedBy(STEPS);
    figure("one of them", step);
    figure("the bare runtime running the same", bare);
    figure("so a step costs, over the bare runtime", step.minus(bare));
    assertThat(step).isLessThan(Duration.ofSeconds(10));
  }

  @Test
  void unchangedRebuildOfTwentySteps() {
    Path context = site.context("twenty", Map.of("Dockerfile", dockerfile(20, "RUN echo > /")));
    site.buildxBuild().succeed(context.toString());

    List<Duration> rebuilds = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      rebuilds.add(timed(site.buildxBuild(), context.toString()));
    }

    figure("unchanged rebuild of 20 steps", median(rebuilds));
  }

  @Test
  void contextOfManySmallFiles() throws IOException {
    Map<String, String> files = new HashMap<>();
    for (int i = 0; i < FILES; i++) {
      files.put("d" + i % 100 + "/f" + i, ("content of file " + i + "\n").repeat(20));
    }
    files.put("Dockerfile", "FROM busybox\nCOPY . /all\n");
    Path context = site.context("many", files);

    figure("context of 20,000 files, cold", timed(site.buildxBuild(), context.toString()));
    figure("the same, unchanged", timed(site.buildxBuild(), context.toString()));
    Files.writeString(context.resolve("d7/f7"), "changed");
    figure("the same, one file changed", timed(site.buildxBuild(), context.toString()));
  }

  @Test
  void bigLayers() throws IOException {
    Path context = site.context("big", Map.of("Dockerfile", "FROM busybox\nCOPY noise /noise\n"));
    writeHalfCompressible(context.resolve("noise"), BIG_LAYER);

    Duration copied = timed(site.buildxBuild(), context.toString());
    figure(BIG_LAYER + " MiB file from the context into a layer", copied);
    Duration gzip =
        timed(
            site.buildxBuild(),
            "-o",
            "type=oci,dest=" + folder.resolve("gzip.tar"),
            context.toString());
    throughput("export of that layer, gzip", gzip);
    Duration zstd =
        timed(
            site.buildxBuild(),
            "-o",
            "type=oci,compression=zstd,force-compression=true,dest=" + folder.resolve("zstd.tar"),
            context.toString());
    throughput("export of that layer, zstd", zstd);
    String image = site.reference("bench/big:latest");
    throughput(
        "push of that layer", timed(site.buildxBuild(), "-t", image, "--push", context.toString()));
    figure(
        "the same push, nothing new",
        timed(site.buildxBuild(), "-t", image, "--push", context.toString()));
    figures.add(
        "%-52s %8d MiB".formatted("most memory resident so far", memory("VmHWM:") / MEBIBYTE));
  }

  @Test
  void cacheOfManyLayersThatIsThereAlready() {
    StringBuilder dockerfile = new StringBuilder("FROM scratch\n");
    Map<String, String> files = new HashMap<>();
    for (int i = 0; i < MANY_LAYERS; i++) {
      files.put("f" + i, "content of file " + i);
      dockerfile.append("COPY f").append(i).append(" /\n");
    }
    files.put("Dockerfile", dockerfile.toString());
    Path context = site.context("layers", files);
    Tool build =
        site.buildxBuild()
            .with("--cache-to", "type=registry,mode=max,ref=" + site.reference("bench/cache"));
    build.succeed(context.toString());

    figure(
        "cache export of " + MANY_LAYERS + " layers, nothing new",
        timed(build, context.toString()));
  }

  @Test
  void pullAndUnpackEightLayers() throws IOException {
    StringBuilder dockerfile = new StringBuilder("FROM busybox\n");
    Map<String, String> nothing = new HashMap<>();
    Path context = site.context("eight", nothing);
    Files.createDirectories(context);
    for (int i = 0; i < 8; i++) {
      writeHalfCompressible(context.resolve("noise" + i), BIG_LAYER / 8);
      dockerfile.append("COPY noise").append(i).append(" /\n");
    }
    Files.writeString(context.resolve("Dockerfile"), dockerfile);
    String image = site.reference("bench/eight:latest");
    site.buildxBuild().succeed("-t", image, "--push", context.toString());
    site.buildx().succeed("prune", "--builder", "site", "--all", "--force");
    Path user = site.context("eight-user", Map.of("Dockerfile", "FROM " + image + "\nRUN true\n"));

    throughput(
        "pull and unpack 8 layers, " + BIG_LAYER + " MiB, and run a step",
        timed(site.buildxBuild(), user.toString()));
  }

  @Test
  void twoPlatforms() {
    Path context =
        site.context("platforms", Map.of("Dockerfile", "FROM busybox\nRUN uname -m > /arch\n"));
    Tool build = site.buildxBuild().with("--platform", "linux/amd64,linux/arm64");
    build.succeed(context.toString());

    figure("a step for amd64 and arm64 (emulated)", timed(build, "--no-cache", context.toString()));
  }

  private static String dockerfile(int steps, String step) {
    StringBuilder text = new StringBuilder("FROM busybox\n");
    for (int i = 0; i < steps; i++) {
      text.append(step).append(i).append('\n');
    }
    return text.toString();
  }

  /// Median time of `runc run` with a shell that runs `true`, on a bundle made beforehand.
  private Duration bareRuntime() throws IOException {
    Path bundle = Files.createDirectories(folder.resolve("bundle"));
    Path layout = folder.resolve("bundle-layout");
    site.tool("skopeo")
        .succeed(
            "--insecure-policy",
            "copy",
            "--src-tls-verify=false",
            "docker://" + site.reference("library/busybox:latest"),
            "oci:" + layout + ":it");
    site.tool("umoci").succeed("unpack", "--image", layout + ":it", bundle.toString());
    Path config = bundle.resolve("config.json");
    Files.writeString(
        config,
        Files.readString(config)
            .replaceFirst("\"args\": ?\\[[^\\]]*\\]", "\"args\":[\"/bin/sh\",\"-c\",\"true\"]")
            .replaceFirst("\"terminal\": ?true", "\"terminal\":false"));
    Tool runc =
        site.tool("runc")
            .with(
                "--root", folder.resolve("runc").toString(), "run", "--bundle", bundle.toString());
    List<Duration> runs = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      runs.add(timed(runc, "bench" + i));
    }
    return median(runs);
  }

  private static Duration timed(Tool tool, String... arguments) {
    long start = System.nanoTime();
    tool.succeed(arguments);
    return Duration.ofNanos(System.nanoTime() - start);
  }

  private static Duration median(List<Duration> times) {
    return times.stream().sorted().toList().get(times.size() / 2);
  }

  private void figure(String what, Duration time) {
    figures.add(String.format(Locale.ROOT, "%-52s %8.3f s", what, time.toNanos() / 1e9));
  }

  private void throughput(String what, Duration time) {
    double seconds = time.toNanos() / 1e9;
    figures.add(
        String.format(
            Locale.ROOT, "%-52s %8.3f s %8.1f MiB/s", what, seconds, BIG_LAYER / seconds));
  }

  private long memory(String kind) throws IOException {
    return Files.readAllLines(Path.of("/proc/" + site.daemon.pid() + "/status")).stream()
        .filter(line -> line.startsWith(kind))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
        .findFirst()
        .orElseThrow();
  }

  /// Like programs: about half its size when compressed.
  private static void writeHalfCompressible(Path file, int mebibytes) throws IOException {
    Random random = new Random(file.getFileName().toString().hashCode());
    byte[] chunk = new byte[MEBIBYTE];
    try (OutputStream out = Files.newOutputStream(file)) {
      for (int i = 0; i < mebibytes; i++) {
        random.nextBytes(chunk);
        for (int at = 0; at < chunk.length; at += 64) {
          java.util.Arrays.fill(chunk, at, at + 32, (byte) at);
        }
        out.write(chunk);
      }
    }
  }
}
