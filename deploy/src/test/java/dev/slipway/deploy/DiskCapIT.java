package dev.slipway.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/// Builds at random, several at once, that write many times what the cache may use: whatever is
/// looked at whenever, the disk holds no more than the limit and one layer.
///
/// The daemon's root is a file system of its own, so the disk itself says how much is used. Longer
/// and larger with `-Dslipway.diskcap.seconds=600 -Dslipway.diskcap.megabytes=2048`.
@Isolated
final class DiskCapIT {
  private static final long MB = 1_000_000;
  private static final long CAP = Long.getLong("slipway.diskcap.megabytes", 128) * MB;
  private static final Duration LONG =
      Duration.ofSeconds(Long.getLong("slipway.diskcap.seconds", 30));
  private static final int SLICES = 16;
  private static final long SLICE = CAP / 20 / SLICES;
  private static final long LAYER = SLICE * SLICES;
  private static final int AT_ONCE = 3;

  @TempDir Path folder;
  private final Random random = new Random(5);
  private final List<Tool.Running> running = new ArrayList<>();
  private Path disk;
  private int started;

  @BeforeEach
  void mount() throws IOException {
    disk = Files.createDirectories(folder.resolve("disk"));
    tool("mount")
        .succeed(
            "-t", "tmpfs", "-o", "size=" + 2 * CAP + ",mode=755", "slipway-test", disk.toString());
  }

  @AfterEach
  void unmount() {
    tool("umount").succeed(disk.toString());
  }

  private Tool tool(String name) {
    return Tool.of(Distribution.underTest(), name, folder);
  }

  @Test
  void theDiskNeverHoldsMoreThanTheLimitAndOneLayer() throws IOException {
    FileStore used = Files.getFileStore(disk);
    long most = 0;
    try (BuildSite site =
        BuildSite.open(
            folder,
            "--root",
            disk.resolve("root").toString(),
            "--oci-worker-gc-keepstorage",
            "1,1," + CAP / MB)) {
      long end = System.nanoTime() + LONG.toNanos();
      while (System.nanoTime() < end || most < CAP / 2 || !hasCollected(site)) {
        reap();
        while (running.size() < AT_ONCE) {
          running.add(randomBuild(site));
        }
        most = Math.max(most, used.getTotalSpace() - used.getUnallocatedSpace());
        LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
      }
      running.forEach(build -> assertThat(build.await().exit()).isZero());

      System.out.printf("%.1f MB used at most, of %d MB%n", (double) most / MB, CAP / MB);
      assertThat(most).isBetween(CAP / 2, CAP + LAYER);
    }
  }

  /// However slow the machine, something must have been in need of collection.
  private static boolean hasCollected(BuildSite site) throws IOException {
    return Files.readString(site.daemon.log()).contains("collected ");
  }

  private void reap() {
    for (Tool.Running build : List.copyOf(running)) {
      if (!build.process().isAlive()) {
        Tool.Outcome outcome = build.await();
        assertThat(outcome.exit()).as("%s", outcome).isZero();
        running.remove(build);
      }
    }
  }

  /// One or two steps that write random bytes slice by slice, no faster than a busy machine
  /// collects, sometimes a file of the client's, and then no export, an archive, or a push.
  private Tool.Running randomBuild(BuildSite site) throws IOException {
    String name = "build-" + started++;
    StringBuilder dockerfile = new StringBuilder("FROM busybox\nARG N\n");
    for (int step = random.nextInt(2); step >= 0; step--) {
      dockerfile.append(
          "RUN for i in $(seq %d); do dd if=/dev/urandom bs=%d count=1 >> /r$N-%d; sleep 0.1; done%n"
              .formatted(1 + random.nextInt(SLICES), SLICE, step));
    }
    if (random.nextInt(4) == 0) {
      dockerfile.append("COPY sent /sent\n");
    }
    Path context = site.context(name, Map.of("Dockerfile", dockerfile.toString()));
    byte[] noise = new byte[(int) SLICE];
    random.nextBytes(noise);
    try (OutputStream sent = Files.newOutputStream(context.resolve("sent"))) {
      for (int slice = random.nextInt(SLICES / 2); slice >= 0; slice--) {
        sent.write(noise);
      }
    }
    String[] output =
        switch (random.nextInt(3)) {
          case 0 -> new String[0];
          case 1 -> new String[] {"--output", "type=oci,dest=/dev/null"};
          default ->
              new String[] {
                "--output", "type=image,push=true,name=" + site.reference("it/cap:" + name)
              };
        };
    return site.buildctl()
        .with("build", "--frontend", "dockerfile.v0", "--progress", "plain")
        .with("--local", "context=" + context, "--local", "dockerfile=" + context)
        .with("--opt", "build-arg:N=" + name)
        .with(output)
        .start();
  }
}
