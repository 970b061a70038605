package dev.slipway.op;

import dev.slipway.contenthash.ContentHasher;
import dev.slipway.device.DeviceRegistry;
import dev.slipway.ref.RefStore;
import dev.slipway.source.Source;
import dev.slipway.worker.Workers;
import java.util.List;

/// What evaluators work with.
///
/// @param sources each scheme served by exactly one
public record OpServices(
    Workers workers,
    RefStore refs,
    ContentHasher hasher,
    List<Source> sources,
    JobSessions sessions,
    CacheMounts cacheMounts,
    ClientMounts clientMounts,
    FailedStates failedStates,
    NestedBuilds nested,
    DeviceRegistry devices,
    StepNetworks networks) {
  public OpServices {
    sources = List.copyOf(sources);
  }
}
