package dev.slipway.workerqemu;

import dev.slipway.failure.WrongState;
import dev.slipway.oci.Platform;
import dev.slipway.worker.Worker;
import dev.slipway.worker.WorkerProvider;
import dev.slipway.workernative.WorkerIdentity;
import dev.slipway.workernative.runtime.RuncExecutor;
import dev.slipway.workerqemu.accounting.AccountedExecutor;
import dev.slipway.workerqemu.accounting.EmulationAccount;
import dev.slipway.workerqemu.binfmt.BinfmtRegistry;
import dev.slipway.workerqemu.emulator.EmulatedSteps;
import dev.slipway.workerqemu.emulator.Emulators;
import dev.slipway.workerqemu.emulator.Emulators.Registering;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Opens the emulating worker on top of the native one. It is there even when nothing can be
/// emulated yet: an emulator may be installed later, and it knows what to advise.
public final class QemuWorkerProvider implements WorkerProvider {
  private static final Path BINFMT_MISC = Path.of("/proc/sys/fs/binfmt_misc");

  @Override
  public int order() {
    return 10;
  }

  @Override
  public List<Worker> open(Environment environment, List<Worker> earlier) {
    Optional<Worker> host =
        earlier.stream().filter(worker -> worker.executor() instanceof RuncExecutor).findFirst();
    return host.map(worker -> List.of(open(environment, worker))).orElse(List.of());
  }

  private static Worker open(Environment environment, Worker host) {
    Path directory = environment.root().resolve("workers").resolve("qemu");
    try {
      Files.createDirectories(directory);
    } catch (IOException failed) {
      throw new WrongState("cannot make " + directory + ": " + failed.getMessage(), failed);
    }
    Set<String> nativeArchitectures =
        host.platforms().stream().map(Platform::architecture).collect(Collectors.toSet());
    Registering registering =
        environment.settings().registerBinfmt() ? Registering.ALLOWED : Registering.FORBIDDEN;
    var emulators =
        new Emulators(new BinfmtRegistry(BINFMT_MISC), nativeArchitectures, registering);
    var account = new EmulationAccount();
    var steps = new EmulatedSteps(host.storage().kernel(), emulators);
    if (!(host.executor() instanceof RuncExecutor executor)) {
      throw new WrongState("the native worker has another executor");
    }
    return new QemuWorker(
        WorkerIdentity.of(directory.resolve("id")),
        host,
        new AccountedExecutor(executor.adjusted(steps), account),
        emulators,
        account);
  }
}
