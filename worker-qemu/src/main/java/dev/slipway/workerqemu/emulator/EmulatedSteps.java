package dev.slipway.workerqemu.emulator;

import dev.slipway.executor.ContainerSpec;
import dev.slipway.executor.ContainerSpec.ContainerMount;
import dev.slipway.executor.ProcessSpec;
import dev.slipway.kernel.Kernel;
import dev.slipway.snapshot.Mount;
import dev.slipway.workernative.runtime.StepAdjustment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Puts the emulator into steps where the kernel does not find it by itself. Thread-safe.
public final class EmulatedSteps implements StepAdjustment {
  /// Where BuildKit puts it too (`solver/llbsolver/ops/exec_binfmt.go`).
  private static final String INJECTED = "/dev/.buildkit_qemu_emulator";

  private static final String DEFAULT_PATH =
      "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private final Kernel kernel;
  private final Emulators emulators;

  public EmulatedSteps(Kernel kernel, Emulators emulators) {
    this.kernel = kernel;
    this.emulators = emulators;
  }

  @Override
  public ContainerSpec container(ContainerSpec container) {
    Optional<Emulation> emulation = emulators.find(container.platform());
    if (emulation.isEmpty()) {
      return container;
    }
    return switch (emulation.get()) {
      case Emulation.ByKernel _ -> container;
      case Emulation.ByKernelWithInterpreter with ->
          withFile(container, with.program(), with.registered().toString());
      case Emulation.ByInjection injection -> withFile(container, injection.program(), INJECTED);
    };
  }

  @Override
  public ProcessSpec process(ContainerSpec container, ProcessSpec process, Path rootfs) {
    if (emulators.find(container.platform()).orElse(new Emulation.ByKernel())
        instanceof Emulation.ByInjection injection) {
      List<String> args = new ArrayList<>();
      args.add(INJECTED);
      if (injection.findsProgram()) {
        args.addAll(process.args());
      } else {
        String name = process.args().getFirst();
        args.add("-0");
        args.add(name);
        args.add(find(name, process, rootfs));
        args.addAll(process.args().subList(1, process.args().size()));
      }
      return new ProcessSpec(
          args, process.env(), process.workingDirectory(), process.user(), process.terminal());
    }
    return process;
  }

  /// What a shell would find; the bare name when there is none, for QEMU to complain about.
  private String find(String name, ProcessSpec process, Path rootfs) {
    if (name.contains("/")) {
      return name;
    }
    String path =
        process.env().stream()
            .filter(variable -> variable.startsWith("PATH="))
            .map(variable -> variable.substring(5))
            .findFirst()
            .orElse(DEFAULT_PATH);
    for (String directory : path.split(":")) {
      String candidate = directory + "/" + name;
      Path file = kernel.resolveInRoot(rootfs, candidate, Kernel.LastLink.FOLLOW);
      if (Files.isRegularFile(file) && Files.isExecutable(file)) {
        return candidate;
      }
    }
    return name;
  }

  private static ContainerSpec withFile(ContainerSpec container, Path program, String destination) {
    List<ContainerMount> mounts = new ArrayList<>(container.mounts());
    mounts.add(new ContainerMount(destination, List.of(new Mount.Bind(program, true)), "", true));
    return container.withMounts(mounts);
  }
}
