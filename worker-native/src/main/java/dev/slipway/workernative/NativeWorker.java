package dev.slipway.workernative;

import dev.slipway.executor.Executor;
import dev.slipway.oci.Platform;
import dev.slipway.worker.Worker;
import dev.slipway.workernative.runtime.StepNetworks;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Immutable.
final class NativeWorker implements Worker {
  private final String id;
  private final Map<String, String> labels;
  private final List<Platform> platforms;
  private final Executor executor;
  private final Storage storage;
  private final Optional<StepNetworks> networks;

  NativeWorker(
      String id,
      Map<String, String> labels,
      List<Platform> platforms,
      Executor executor,
      Storage storage,
      Optional<StepNetworks> networks) {
    this.id = id;
    this.labels = Map.copyOf(labels);
    this.platforms = List.copyOf(platforms);
    this.executor = executor;
    this.storage = storage;
    this.networks = networks;
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public Map<String, String> labels() {
    return labels;
  }

  @Override
  public List<Platform> platforms() {
    return platforms;
  }

  @Override
  public boolean emulates(Platform platform) {
    return false;
  }

  @Override
  public Executor executor() {
    return executor;
  }

  @Override
  public Storage storage() {
    return storage;
  }

  @Override
  public Optional<String> explainMissing(Platform platform) {
    if (!platform.os().equals("linux")) {
      return Optional.of("only linux programs run here");
    }
    return platform.architecture().equals(Platform.local().architecture())
        ? Optional.of("this processor does not have what variant " + platform.variant() + " needs")
        : Optional.empty();
  }

  @Override
  public void close() {
    networks.ifPresent(StepNetworks::close);
    storage.snapshotter().close();
  }
}
