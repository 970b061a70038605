package dev.slipway.llbsolver;

import dev.slipway.failure.AlreadyExists;
import dev.slipway.failure.NotFound;
import dev.slipway.frontend.gateway.GatewayBuild;
import dev.slipway.task.Interruption;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// The builds under way, by their ref. Guarded by its own lock, on which those wait who ask for a
/// build that is still on its way.
final class Builds implements GatewayBuild.Registry {
  /// How long a gateway call waits for its build's Solve to arrive (BuildKit,
  /// `control/gateway/gateway.go`).
  private static final Duration GATEWAY_PATIENCE = Duration.ofSeconds(3);

  private final Map<String, Build> running = new HashMap<>();

  /// @throws AlreadyExists a build of that ref runs
  synchronized void register(Build build) {
    if (running.putIfAbsent(build.ref(), build) != null) {
      throw new AlreadyExists("job ID " + build.ref() + " exists");
    }
    notifyAll();
  }

  synchronized void unregister(Build build) {
    running.remove(build.ref(), build);
    notifyAll();
  }

  synchronized int count() {
    return running.size();
  }

  @Override
  public Build require(String ref) {
    return await(ref, GATEWAY_PATIENCE).orElseThrow(() -> new NotFound("no such job " + ref));
  }

  /// Waits for the build to register.
  synchronized Optional<Build> await(String ref, Duration patience) {
    long deadline = System.nanoTime() + patience.toNanos();
    try {
      while (!running.containsKey(ref)) {
        long left = deadline - System.nanoTime();
        if (left <= 0) {
          return Optional.empty();
        }
        wait(Math.max(1, left / 1_000_000));
      }
      return Optional.of(running.get(ref));
    } catch (InterruptedException interrupted) {
      throw Interruption.cancelled(interrupted);
    }
  }
}
