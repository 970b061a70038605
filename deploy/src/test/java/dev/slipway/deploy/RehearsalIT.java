package dev.slipway.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.slipway.api.control.BuildHistoryEvent;
import dev.slipway.api.control.BuildHistoryRequest;
import dev.slipway.api.control.DiskUsageRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A daemon builds something of its own when nobody builds, and nobody sees anything of it.
final class RehearsalIT {
  private static final Duration SOON = Duration.ofMinutes(1);

  @Test
  void makesWayForABuildGoesOnLaterAndLeavesNothing(@TempDir Path folder) throws IOException {
    Distribution distribution = Distribution.underTest();
    assumeTrue(distribution.isOurs(), "others do not rehearse");
    Path config = Files.writeString(folder.resolve("slipwayd.toml"), "");
    Path context = Files.createDirectories(folder.resolve("context"));
    Files.writeString(context.resolve("Dockerfile"), "FROM scratch\nCOPY Dockerfile /\n");
    Path place = Files.createDirectories(folder.resolve("d"));

    try (DaemonProcess daemon = DaemonProcess.startRehearsing(distribution, place, config)) {
      Path stage = daemon.root().resolve("rehearsal");
      Tool buildctl = Tool.of(distribution, "buildctl", folder).with("--addr", daemon.address());

      Await.until("the rehearsal begins", SOON, () -> Files.exists(stage.resolve("socket")));
      buildctl.succeed(
          "build",
          "--frontend=dockerfile.v0",
          "--local=context=" + context,
          "--local=dockerfile=" + context);
      List<String> kept = kept(daemon);
      assertThat(builds(daemon)).isEqualTo(1);

      Await.until("it is done", SOON, () -> daemon.logTail().contains(" rehearsed "));
      assertThat(stage).doesNotExist();
      assertThat(Remains.below(place)).isEqualTo(Remains.NOTHING);
      assertThat(threads(daemon)).doesNotContain("client-io", "session-io", "HTTP-Dispatcher");
      assertThat(openFiles(daemon)).noneMatch(file -> file.contains("rehearsal"));
      assertThat(kept(daemon)).isEqualTo(kept);
      assertThat(builds(daemon)).isEqualTo(1);
      assertThat(daemon.logTail().lines().map(line -> line.split(" +")[2]))
          .containsExactly("Daemon", "Slipwayd", "Rehearsal");

      daemon.stop();
      daemon.startAgain();
      Await.until("it begins again", SOON, () -> Files.exists(stage.resolve("socket")));
      assertThat(daemon.stop()).isZero();
      assertThat(stage).doesNotExist();
      assertThat(Remains.below(place)).isEqualTo(Remains.NOTHING);
      assertThat(daemon.logTail()).doesNotContain("WARN", "ERROR");
    }
  }

  private static List<String> kept(DaemonProcess daemon) {
    try (DaemonChannel channel = DaemonChannel.to(daemon)) {
      return channel
          .control()
          .diskUsage(DiskUsageRequest.getDefaultInstance())
          .getRecordList()
          .stream()
          .map(record -> record.getID() + " " + record.getSize())
          .sorted()
          .toList();
    }
  }

  private static int builds(DaemonProcess daemon) {
    try (DaemonChannel channel = DaemonChannel.to(daemon)) {
      List<BuildHistoryEvent> events = new ArrayList<>();
      channel
          .control()
          .listenBuildHistory(BuildHistoryRequest.newBuilder().setEarlyExit(true).build())
          .forEachRemaining(events::add);
      return events.size();
    }
  }

  /// The kernel keeps 15 characters of a name, and what is numbered differs in the end.
  private static List<String> threads(DaemonProcess daemon) {
    return entries(daemon, "task", "comm").map(name -> name.replaceFirst("-[-0-9]+$", "")).toList();
  }

  private static List<String> openFiles(DaemonProcess daemon) throws IOException {
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/" + daemon.pid() + "/fd"))) {
      return descriptors
          .map(
              descriptor -> {
                try {
                  return Files.readSymbolicLink(descriptor).toString();
                } catch (IOException closedMeanwhile) {
                  return "";
                }
              })
          .toList();
    }
  }

  private static Stream<String> entries(DaemonProcess daemon, String folder, String file) {
    try (Stream<Path> entries = Files.list(Path.of("/proc/" + daemon.pid(), folder))) {
      return entries
          .map(
              entry -> {
                try {
                  return Files.readString(entry.resolve(file)).strip();
                } catch (IOException endedMeanwhile) {
                  return "";
                }
              })
          .toList()
          .stream();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }
}
