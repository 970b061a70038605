package dev.slipway.workerqemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.slipway.executor.ContainerSpec;
import dev.slipway.executor.DeviceEdits;
import dev.slipway.executor.ProcessIo;
import dev.slipway.executor.ProcessSpec;
import dev.slipway.failure.Unsupported;
import dev.slipway.oci.Platform;
import dev.slipway.snapshot.Mount;
import dev.slipway.worker.Worker;
import dev.slipway.worker.WorkerProvider;
import dev.slipway.worker.Workers;
import dev.slipway.workernative.mount.KernelMounter;
import dev.slipway.workernative.platform.TinyProgram;
import dev.slipway.workernative.runtime.ProgramSearch;
import dev.slipway.workerqemu.binfmt.BinfmtRegistry;
import dev.slipway.workerqemu.emulator.EmulatedSteps;
import dev.slipway.workerqemu.emulator.Emulators;
import dev.slipway.workerqemu.emulator.Emulators.Registering;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// With real emulators and the real kernel. What gets registered stays: it is the machine's, as
/// after installing the emulator's package.
@SuppressWarnings("NullAway.Init")
class QemuWorkerQemuIT {
  private static final Platform FOREIGN =
      Platform.local().equals(Platform.LINUX_ARM64)
          ? Platform.of("linux", "riscv64")
          : Platform.LINUX_ARM64;

  @TempDir Path folder;
  private Workers workers;

  @BeforeEach
  void open() throws IOException {
    assumeTrue(
        Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0),
        "needs root: mounting and containers");
    assumeTrue(
        ProgramSearch.find("qemu-aarch64-static").isPresent(),
        "needs qemu-aarch64-static on PATH (Debian: qemu-user-static)");
    workers =
        Workers.open(new WorkerProvider.Environment(folder, WorkerProvider.Settings.defaults()));
  }

  @AfterEach
  void close() {
    Worker host = workers.first();
    workers.close();
    KernelMounter.unmountAll(host.storage().kernel(), folder);
  }

  @Test
  void runsForeignProgramsAndSaysWhatItCost() throws IOException {
    Worker worker = workers.forPlatform(FOREIGN);

    int exitCode = run(worker, FOREIGN);

    assertThat(worker.emulates(FOREIGN)).isTrue();
    assertThat(exitCode).isZero();
    assertThat(worker.emulatedTime())
        .singleElement()
        .satisfies(time -> assertThat(time.platform()).isEqualTo(FOREIGN))
        .satisfies(time -> assertThat(time.steps()).isEqualTo(1));
  }

  @Test
  void leavesTheMachinesOwnPlatformToTheNativeWorker() {
    assertThat(workers.forPlatform(Platform.local()).emulates(Platform.local())).isFalse();
    assertThat(workers.platforms()).startsWith(Platform.local()).contains(FOREIGN);
  }

  @Test
  void sharesTheNativeWorkersStorageAndKeepsAnIdOfItsOwn() {
    Worker own = workers.first();
    Worker foreign = workers.forPlatform(FOREIGN);

    assertThat(foreign.storage()).isSameAs(own.storage());
    assertThat(foreign.id()).isNotEqualTo(own.id()).matches("[a-z0-9]{25}");
  }

  @Test
  void saysWhatCannotRun() {
    assertThatThrownBy(() -> workers.forPlatform(Platform.of("windows", "amd64")))
        .isInstanceOf(Unsupported.class)
        .hasMessageContaining("no worker can run windows/amd64");
  }

  @Test
  void startsThroughTheEmulatorWhereTheKernelHasNoRule() {
    var emulators =
        new Emulators(
            new BinfmtRegistry(folder.resolve("no-binfmt-misc")),
            Set.of(Platform.local().architecture()),
            Registering.FORBIDDEN);
    var steps = new EmulatedSteps(workers.first().storage().kernel(), emulators);
    ContainerSpec container = steps.container(container(FOREIGN, folder));

    ProcessSpec process =
        steps.process(
            container, new ProcessSpec(List.of("/true", "x"), List.of(), "/", "", false), folder);

    assertThat(container.mounts())
        .singleElement()
        .satisfies(
            mount -> assertThat(mount.destination()).isEqualTo("/dev/.buildkit_qemu_emulator"));
    assertThat(process.args()).startsWith("/dev/.buildkit_qemu_emulator").endsWith("/true", "x");
  }

  private int run(Worker worker, Platform platform) throws IOException {
    Path root = Files.createDirectory(folder.resolve("root"));
    TinyProgram.write(
        worker.storage().kernel(),
        TinyProgram.forArchitecture(platform).orElseThrow(),
        root.resolve("true"));
    var out = new ByteArrayOutputStream();
    var process = new ProcessSpec(List.of("/true"), List.of(), "/", "", false);
    int exitCode =
        worker
            .executor()
            .run(container(platform, root), process, ProcessIo.output(out, out))
            .exitCode();
    assertThat(out).hasToString("");
    return exitCode;
  }

  private static ContainerSpec container(Platform platform, Path root) {
    return new ContainerSpec(
        "foreign",
        platform,
        List.of(new Mount.Bind(root, false)),
        false,
        List.of(),
        "",
        List.of(),
        ContainerSpec.Network.NONE,
        ContainerSpec.Security.SANDBOX,
        List.of(),
        Optional.empty(),
        ContainerSpec.LinuxResources.UNLIMITED,
        DeviceEdits.NONE,
        ContainerSpec.MountStubs.REMOVE);
  }
}
