package dev.slipway.workerqemu.emulator;

import java.nio.file.Path;

/// How programs of one architecture run here.
public sealed interface Emulation {
  /// The kernel does it in every root: nothing to do.
  record ByKernel() implements Emulation {}

  /// The kernel does it where the interpreter is found under its registered path, so it is put
  /// there.
  ///
  /// @param program host path
  /// @param registered path in the container
  record ByKernelWithInterpreter(Path program, Path registered) implements Emulation {}

  /// The kernel knows nothing of it: the emulator is put into the container and starts the process.
  /// Programs started by that process work only when the emulator starts them too, as BuildKit's
  /// own builds of QEMU do.
  ///
  /// @param program host path
  /// @param findsProgram it looks programs up on `PATH` and takes their name from the arguments, as
  ///   BuildKit's builds do
  record ByInjection(Path program, boolean findsProgram) implements Emulation {}
}
