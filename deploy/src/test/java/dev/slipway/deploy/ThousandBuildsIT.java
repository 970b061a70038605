package dev.slipway.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.util.concurrent.ListenableFuture;
import dev.slipway.api.control.BuildHistoryRequest;
import dev.slipway.api.control.ControlGrpc;
import dev.slipway.api.control.PruneRequest;
import dev.slipway.api.control.SolveRequest;
import dev.slipway.api.control.SolveResponse;
import dev.slipway.api.control.StatusRequest;
import dev.slipway.api.control.StatusResponse;
import dev.slipway.api.control.UpdateBuildHistoryRequest;
import dev.slipway.session.testing.LoopbackSession;
import dev.slipway.session.testing.MapTree;
import dev.slipway.session.testing.ServedFiles;
import dev.slipway.task.TaskScope;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.services.HealthStatusManager;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/// A thousand small builds in a row, of all sorts: what the daemon holds after the first few
/// hundred is what it holds after the last.
@Isolated
final class ThousandBuildsIT {
  private static final int BUILDS = Integer.getInteger("slipway.test.builds", 1000);
  private static final int ROUND = BUILDS / 5;
  private static final int AT_ONCE = 4;

  /// What is left over after a build is gone soon; against hanging only.
  private static final Duration QUIET_WITHIN = Duration.ofMinutes(5);

  @Test
  void aThousandBuildsLeaveTheDaemonAsItWas(@TempDir Path folder) throws InterruptedException {
    try (BuildSite site = BuildSite.open(folder);
        DaemonChannel channel = DaemonChannel.to(site.daemon)) {
      List<Holdings> samples = new ArrayList<>();
      for (int start = 0; start < BUILDS; start += ROUND) {
        buildAll(channel, start, start + ROUND);
        prune(channel);
        samples.add(samples.isEmpty() ? Holdings.of(site.daemon) : settled(site, samples));
      }

      assertThat(samples.getLast().excessOver(samples.getFirst())).as("%s", samples).isEmpty();
    }
  }

  /// The holdings once they are no more than the first sample's, or when patience ends.
  private static Holdings settled(BuildSite site, List<Holdings> samples)
      throws InterruptedException {
    long deadline = System.nanoTime() + QUIET_WITHIN.toNanos();
    while (true) {
      Holdings now = Holdings.of(site.daemon);
      if (now.excessOver(samples.getFirst()).isEmpty() || System.nanoTime() > deadline) {
        return now;
      }
      Thread.sleep(500);
    }
  }

  private static void buildAll(DaemonChannel channel, int from, int to) {
    AtomicInteger next = new AtomicInteger(from);
    try (TaskScope builders = TaskScope.open("builders")) {
      for (int i = 0; i < AT_ONCE; i++) {
        builders.forkAction(
            () -> {
              for (int n = next.getAndIncrement(); n < to; n = next.getAndIncrement()) {
                build(channel, n);
              }
            });
      }
      builders.join();
    }
  }

  private static void build(DaemonChannel channel, int number)
      throws InterruptedException, ExecutionException {
    switch (number % 10) {
      case 0, 1 -> dockerfile(channel, number);
      case 2, 3, 4 -> solve(channel, "echo " + number + " > /unique");
      case 5, 6 -> solve(channel, "echo " + number % 50 + " > /shared");
      case 7 -> watched(channel, number);
      case 8 -> failing(channel, number);
      default -> cancelled(channel, number);
    }
  }

  private static SolveRequest run(String script) {
    return DaemonChannel.request()
        .setDefinition(Llb.run("docker.io/library/busybox:latest", script))
        .build();
  }

  private static void solve(DaemonChannel channel, String script) {
    channel.control().solve(run(script));
  }

  /// As most clients do: files and all that is asked come through a session, and the progress is
  /// watched.
  private static void dockerfile(DaemonChannel channel, int number) {
    MapTree tree =
        new MapTree()
            .file(
                "Dockerfile",
                "FROM busybox\nCOPY file /file\nRUN --mount=type=cache,target=/c echo "
                    + number / 20
                    + " > /c/x\n")
            .file("file", "content " + number);
    try (ServedFiles files = new ServedFiles(tree);
        LoopbackSession session =
            LoopbackSession.open(
                channel.raw(),
                "session-" + number,
                "client-" + number / 20,
                new HealthStatusManager().getHealthService(),
                files.service());
        TaskScope watching = TaskScope.open("watching")) {
      SolveRequest request =
          DaemonChannel.request()
              .setSession(session.id())
              .setFrontend("dockerfile.v0")
              .putFrontendAttrs("filename", "Dockerfile")
              .build();
      watching.forkAction(() -> watch(channel, request.getRef()));
      channel.control().solve(request);
      watching.join();
      session.hangUp();
    }
  }

  private static void watched(DaemonChannel channel, int number) {
    SolveRequest request = run("echo line " + number + "; seq 20");
    try (TaskScope watching = TaskScope.open("watching")) {
      watching.forkAction(() -> watch(channel, request.getRef()));
      channel.control().solve(request);
      watching.join();
    }
  }

  private static void watch(DaemonChannel channel, String ref) {
    channel
        .control()
        .status(StatusRequest.newBuilder().setRef(ref).build())
        .forEachRemaining(_ -> {});
  }

  private static void failing(DaemonChannel channel, int number) {
    try {
      solve(channel, "echo " + number + " >&2; exit 3");
      throw new AssertionError("a failing step did not fail");
    } catch (StatusRuntimeException failed) {
      assertThat(failed.getMessage()).contains("exit code: 3");
    }
  }

  /// Cancelled while its step runs, which says so.
  private static void cancelled(DaemonChannel channel, int number)
      throws InterruptedException, ExecutionException {
    SolveRequest request = run("echo started " + number + "; sleep 600");
    ListenableFuture<SolveResponse> build = ControlGrpc.newFutureStub(channel.raw()).solve(request);
    Iterator<StatusResponse> progress =
        channel.control().status(StatusRequest.newBuilder().setRef(request.getRef()).build());
    while (!shows(progress.next(), "started " + number)) {
      // Not yet.
    }
    build.cancel(true);
    try {
      progress.forEachRemaining(_ -> {});
    } catch (StatusRuntimeException ended) {
      assertThat(ended.getStatus().getCode()).isEqualTo(Status.Code.CANCELLED);
    }
  }

  private static boolean shows(StatusResponse status, String text) {
    return status.getLogsList().stream()
        .anyMatch(log -> log.getMsg().toStringUtf8().contains(text));
  }

  /// What `buildctl prune` and `buildctl prune-histories` do: records of builds are kept for days.
  private static void prune(DaemonChannel channel) {
    channel
        .control()
        .prune(PruneRequest.newBuilder().setAll(true).build())
        .forEachRemaining(_ -> {});
    channel
        .control()
        .listenBuildHistory(BuildHistoryRequest.newBuilder().setEarlyExit(true).build())
        .forEachRemaining(
            event ->
                channel
                    .control()
                    .updateBuildHistory(
                        UpdateBuildHistoryRequest.newBuilder()
                            .setRef(event.getRecord().getRef())
                            .setDelete(true)
                            .build()));
  }
}
