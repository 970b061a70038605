package dev.slipway.workerqemu.accounting;

import dev.slipway.oci.Platform;
import dev.slipway.worker.Worker.EmulatedTime;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Time of emulated steps by platform. Guarded by its own monitor.
public final class EmulationAccount {
  private final Map<Platform, EmulatedTime> times = new LinkedHashMap<>();

  public synchronized void add(Platform platform, Duration wall) {
    times.merge(
        platform,
        new EmulatedTime(platform, 1, wall),
        (sum, one) ->
            new EmulatedTime(platform, sum.steps() + one.steps(), sum.wall().plus(one.wall())));
  }

  public synchronized List<EmulatedTime> times() {
    return List.copyOf(times.values());
  }
}
