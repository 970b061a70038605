package dev.slipway.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/// Builds that meet in one daemon.
@Isolated
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SharedBuildsIT {
  /// Against hanging only: the step would run for a day.
  private static final Duration WITHIN = Duration.ofMinutes(1);

  private BuildSite site;

  @BeforeAll
  void open(@TempDir Path folder) {
    site = BuildSite.open(folder);
  }

  @AfterAll
  void close() {
    site.close();
  }

  @Test
  void aStepThatTwoBuildsShareRunsOnce() {
    // Had the step run twice, the two images would hold different random bytes.
    Path context =
        site.context(
            "shared",
            Map.of(
                "Dockerfile",
                """
                FROM busybox
                RUN sleep 2; head -c 16 /dev/urandom | md5sum > /once
                ARG BUILD
                RUN echo $BUILD > /build
                """));

    Tool.Running first = start(context, "one");
    Tool.Running second = start(context, "two");
    Tool.Outcome firstOutcome = first.await();
    Tool.Outcome secondOutcome = second.await();

    assertThat(firstOutcome.exit()).as("%s", firstOutcome).isZero();
    assertThat(secondOutcome.exit()).as("%s", secondOutcome).isZero();
    assertThat(site.path("out-one").resolve("build")).hasContent("one");
    assertThat(site.path("out-two").resolve("build")).hasContent("two");
    assertThat(site.path("out-one").resolve("once"))
        .hasSameTextualContentAs(site.path("out-two").resolve("once"));
  }

  @Test
  void cancellingOneBuildLeavesTheOtherIntact() throws InterruptedException {
    String marker = "77001";
    Path context = waitingContext("cancel-one", marker);

    Tool.Running first = start(context, "leaving");
    Tool.Running second = start(context, "staying");
    awaitStep(marker, second);
    interrupt(first);
    assertThat(stepRuns(marker)).isTrue();
    release(marker);
    Tool.Outcome outcome = second.await();

    assertThat(first.await().exit()).isNotZero();
    assertThat(outcome.exit()).as("%s", outcome).isZero();
    assertThat(site.path("out-staying").resolve("done")).exists();
  }

  @Test
  void cancellingBothBuildsStopsTheContainerAtOnce() throws InterruptedException {
    String marker = "77002";
    Path context = waitingContext("cancel-both", marker);
    Tool.Running first = start(context, "first");
    Tool.Running second = start(context, "second");
    awaitStep(marker, second);

    interrupt(first);
    interrupt(second);

    Await.until("the step's process ends", WITHIN, () -> !stepRuns(marker));
    assertThat(first.await().exit()).isNotZero();
    assertThat(second.await().exit()).isNotZero();
    Await.until(
        "nothing is left of the container",
        WITHIN,
        () -> Remains.below(site.path("daemon")).processes().isEmpty());
  }

  /// A step that runs until a process named by `marker` is ended from outside.
  private Path waitingContext(String name, String marker) {
    return site.context(
        name,
        Map.of(
            "Dockerfile",
            "FROM busybox\nRUN echo waiting; sleep " + marker + " || true; touch /done\n"));
  }

  private Tool.Running start(Path context, String name) {
    return site.buildxBuild()
        .start(
            "--build-arg",
            "BUILD=" + name,
            "-o",
            "type=local,dest=" + site.path("out-" + name),
            context.toString());
  }

  /// Waits until the step runs and `watcher` has joined it, which is when it shows the step's
  /// output.
  private void awaitStep(String marker, Tool.Running watcher) {
    Await.until(
        "the step runs",
        Duration.ofMinutes(3),
        () -> stepRuns(marker) && watcher.err().soFar().contains("waiting\n"));
  }

  private static boolean stepRuns(String marker) {
    return sleepers(marker).findAny().isPresent();
  }

  private static void release(String marker) {
    sleepers(marker).forEach(ProcessHandle::destroy);
  }

  /// The step's process, recognised by its argument; the shell around it has it too, inside a
  /// longer one.
  private static Stream<ProcessHandle> sleepers(String marker) {
    return ProcessHandle.allProcesses()
        .filter(process -> commandLine(process).equals("sleep\0" + marker + "\0"));
  }

  private static String commandLine(ProcessHandle process) {
    try {
      return Files.readString(Path.of("/proc/" + process.pid() + "/cmdline"));
    } catch (IOException | UncheckedIOException gone) {
      return "";
    }
  }

  /// What Ctrl-C does.
  private void interrupt(Tool.Running build) throws InterruptedException {
    site.tool("kill").succeed("-INT", Long.toString(build.process().pid()));
    assertThat(build.process().waitFor(60, TimeUnit.SECONDS))
        .as("the client ends after Ctrl-C")
        .isTrue();
  }
}
