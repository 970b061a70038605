package dev.slipway.workerqemu;

import dev.slipway.executor.Executor;
import dev.slipway.oci.Platform;
import dev.slipway.worker.Worker;
import dev.slipway.workerqemu.accounting.EmulationAccount;
import dev.slipway.workerqemu.emulator.Emulators;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Thread-safe: what changes is in [Emulators] and [EmulationAccount].
final class QemuWorker implements Worker {
  private final String id;
  private final Worker host;
  private final Executor executor;
  private final Emulators emulators;
  private final EmulationAccount account;

  /// @param host the native worker, whose labels and storage are ours too
  QemuWorker(
      String id, Worker host, Executor executor, Emulators emulators, EmulationAccount account) {
    this.id = id;
    this.host = host;
    this.executor = executor;
    this.emulators = emulators;
    this.account = account;
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public Map<String, String> labels() {
    return host.labels();
  }

  @Override
  public List<Platform> platforms() {
    return emulators.platforms();
  }

  @Override
  public boolean emulates(Platform platform) {
    return emulators.find(platform).isPresent();
  }

  @Override
  public Executor executor() {
    return executor;
  }

  @Override
  public Storage storage() {
    return host.storage();
  }

  @Override
  public Optional<String> explainMissing(Platform platform) {
    return emulators.advice(platform);
  }

  @Override
  public List<EmulatedTime> emulatedTime() {
    return account.times();
  }

  /// The storage is the host's, who closes it.
  @Override
  public void close() {}
}
