package dev.slipway.workernative.runtime;

import dev.slipway.executor.ContainerSpec;
import dev.slipway.executor.DeviceEdits;
import dev.slipway.executor.ProcessIo;
import dev.slipway.executor.ProcessSpec;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Cancelled;
import dev.slipway.failure.Unsupported;
import dev.slipway.kernel.Kernel;
import dev.slipway.oci.Platform;
import dev.slipway.snapshot.Mount;
import dev.slipway.worker.WorkerProvider;
import dev.slipway.workernative.mount.KernelMounter;
import dev.slipway.workernative.platform.TinyProgram;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Chooses the OCI runtime: what the operator named, else crun where a container tried with it
/// works, since it starts several times faster, else runc. Whether crun works depends on its
/// version and on the host's cgroups, so it is tried once and the answer kept until the program or
/// the kernel changes.
public final class RuntimeChoice {
  private static final Logger log = LoggerFactory.getLogger(RuntimeChoice.class);
  private static final List<String> RUNC = List.of("buildkit-runc", "runc");

  private final Kernel kernel;
  private final KernelMounter mounter;
  private final Path directory;

  /// @param directory of the worker; the answer is kept and the trial made there
  public RuntimeChoice(Kernel kernel, KernelMounter mounter, Path directory) {
    this.kernel = kernel;
    this.mounter = mounter;
    this.directory = directory;
  }

  /// @throws Unsupported when there is no runtime
  public OciRuntime choose(WorkerProvider.Settings settings) {
    Path state = directory.resolve("runtime");
    if (settings.runtime().isPresent()) {
      String named = settings.runtime().get();
      return new OciRuntime(
          ProgramSearch.find(named)
              .orElseThrow(
                  () ->
                      new Unsupported(
                          "OCI runtime " + named + " is not a program on this machine")),
          state);
    }
    Optional<Path> runc =
        RUNC.stream().flatMap(name -> ProgramSearch.find(name).stream()).findFirst();
    Optional<Path> crun = ProgramSearch.find("crun");
    if (crun.isPresent() && (runc.isEmpty() || works(crun.get()))) {
      return new OciRuntime(crun.get(), state);
    }
    return new OciRuntime(
        runc.orElseThrow(
            () ->
                new Unsupported(
                    "no OCI runtime found: install runc or crun (Debian: apt-get install runc)")),
        state);
  }

  private boolean works(Path program) {
    Path answer = directory.resolve("crun-works");
    try {
      String asked = fingerprint(program);
      if (Files.exists(answer) && Files.readString(answer).startsWith(asked + " ")) {
        return Files.readString(answer).endsWith(" yes");
      }
      boolean works = tryContainer(program);
      Files.writeString(answer, asked + (works ? " yes" : " no"));
      return works;
    } catch (IOException failed) {
      log.warn("cannot find out whether {} works here, using runc", program, failed);
      return false;
    }
  }

  private static String fingerprint(Path program) throws IOException {
    Path real = program.toRealPath();
    return String.join(
        "|",
        real.toString(),
        Long.toString(Files.size(real)),
        Files.getLastModifiedTime(real).toString(),
        Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip());
  }

  private boolean tryContainer(Path program) throws IOException {
    Path trial = Files.createDirectories(directory.resolve("trial"));
    Path root = Files.createDirectories(trial.resolve("root"));
    Optional<byte[]> tiny = TinyProgram.forArchitecture(Platform.local());
    if (tiny.isEmpty()) {
      return false;
    }
    TinyProgram.write(kernel, tiny.get(), root.resolve("true"));
    var runtime = new OciRuntime(program, trial.resolve("runtime"));
    var container =
        new ContainerSpec(
            "trial",
            Platform.local(),
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
    try {
      var executor =
          RuncExecutor.open(
              kernel, mounter, runtime, trial.resolve("executor"), ExecutorOptions.trial());
      var process = new ProcessSpec(List.of("/true"), List.of(), "/", "", false);
      var io = ProcessIo.output(OutputStream.nullOutputStream(), OutputStream.nullOutputStream());
      return executor.run(container, process, io).exitCode() == 0;
    } catch (Cancelled interrupted) {
      // Says nothing about the program.
      throw interrupted;
    } catch (BuildFailure failure) {
      log.debug("{} does not work here", program, failure);
      return false;
    } finally {
      RuncExecutor.deleteTree(trial);
    }
  }
}
