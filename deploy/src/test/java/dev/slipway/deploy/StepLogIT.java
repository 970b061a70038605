package dev.slipway.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.api.control.SolveRequest;
import dev.slipway.api.control.StatusRequest;
import dev.slipway.api.control.StatusResponse;
import dev.slipway.api.control.VertexLog;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a step prints arrives, however much it is.
final class StepLogIT {
  private static final long GIBIBYTE = 1L << 30;

  @Test
  void aGibibyteOfOutputIsNotClipped(@TempDir Path folder) throws Exception {
    try (BuildSite site = BuildSite.open(folder);
        DaemonChannel channel = DaemonChannel.to(site.daemon);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      SolveRequest request =
          DaemonChannel.request()
              .setDefinition(
                  Llb.run(
                      "docker.io/library/busybox:latest",
                      "yes 0123456789abcde | head -c " + GIBIBYTE))
              .build();
      Future<Long> logged = threads.submit(() -> bytesLogged(channel, request.getRef()));

      channel.control().solve(request);

      assertThat(logged.get()).isEqualTo(GIBIBYTE);
    }
  }

  /// Counts what the status stream of a build tells, which may begin before the build does.
  private static long bytesLogged(DaemonChannel channel, String ref) {
    long bytes = 0;
    Iterator<StatusResponse> status =
        channel.control().status(StatusRequest.newBuilder().setRef(ref).build());
    while (status.hasNext()) {
      for (VertexLog log : status.next().getLogsList()) {
        bytes += log.getMsg().size();
      }
    }
    return bytes;
  }
}
