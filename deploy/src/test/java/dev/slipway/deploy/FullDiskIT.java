package dev.slipway.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/// A disk that is too small.
@Isolated
final class FullDiskIT {
  @TempDir Path folder;
  private Path disk;

  @BeforeEach
  void mount() throws IOException {
    disk = Files.createDirectories(folder.resolve("disk"));
    mountTool("mount")
        .succeed("-t", "tmpfs", "-o", "size=160m,mode=755", "slipway-test", disk.toString());
  }

  @AfterEach
  void unmount() {
    mountTool("umount").succeed(disk.toString());
  }

  private Tool mountTool(String name) {
    return Tool.of(Distribution.underTest(), name, folder);
  }

  @Test
  void aFullDiskFailsTheOneBuildAndTheDaemonGoesOn() throws IOException {
    // The usual limits are meant for disks of gigabytes: of this one they would reserve all.
    try (BuildSite site =
        BuildSite.open(
            folder,
            "--root",
            disk.resolve("root").toString(),
            "--oci-worker-gc-keepstorage",
            "1,60,100")) {
      Path step =
          site.context(
              "step",
              Map.of("Dockerfile", "FROM busybox\nRUN dd if=/dev/zero of=/z bs=1M count=300\n"));
      Path sent = site.context("sent", Map.of("Dockerfile", "FROM scratch\nCOPY big /big\n"));
      Path kept =
          site.context(
              "kept",
              Map.of("Dockerfile", "FROM busybox\nRUN head -c 90000000 /dev/urandom > /r\n"));
      Path small =
          site.context("small", Map.of("Dockerfile", "FROM busybox\nRUN echo $((6 * 7)) > /s\n"));
      byte[] noise = new byte[1 << 20];
      new Random(1).nextBytes(noise);
      try (var big = Files.newOutputStream(sent.resolve("big"))) {
        for (int i = 0; i < 200; i++) {
          big.write(noise);
        }
      }

      // A step's own writing, a transfer from the client, and a layer that fits as files but not as
      // an archive beside them.
      assertFull(site.slipway().run("build", "--progress", "plain", step.toString()));
      assertFull(site.slipway().run("build", "--progress", "plain", sent.toString()));
      assertFull(
          site.slipway()
              .run(
                  "build",
                  "--progress",
                  "plain",
                  "-o",
                  "type=oci,dest=" + site.path("kept.tar"),
                  kept.toString()));

      Path out = site.path("small-out");
      Await.until(
          "the daemon has made room by itself",
          Duration.ofMinutes(3),
          () -> site.slipway().run("build", "-o", out.toString(), small.toString()).exit() == 0);
      assertThat(out.resolve("s")).hasContent("42");
      site.slipway().succeed("prune", "--all", "--force");
      site.slipway().succeed("build", "--no-cache", small.toString());
      Await.until(
          "what the failed builds wrote is gone",
          Duration.ofMinutes(2),
          () -> bytesBelow(disk) < 80_000_000);
    }
  }

  private static void assertFull(Tool.Outcome outcome) {
    assertThat(outcome.exit()).as("%s", outcome).isNotZero();
    assertThat(outcome.err()).containsPattern("(?i)no space left on device|disk is full");
    assertThat(outcome.err()).doesNotContain("internal error");
  }

  /// As the disk counts it. Of a tree that changes meanwhile nothing is known.
  private static long bytesBelow(Path directory) {
    try (Stream<Path> all = Files.walk(directory)) {
      return all.mapToLong(FullDiskIT::bytes).sum();
    } catch (UncheckedIOException | NoSuchFileException vanished) {
      return Long.MAX_VALUE;
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private static long bytes(Path file) {
    try {
      return Files.isRegularFile(file, java.nio.file.LinkOption.NOFOLLOW_LINKS)
          ? Files.size(file)
          : 0;
    } catch (IOException vanished) {
      return 0;
    }
  }
}
