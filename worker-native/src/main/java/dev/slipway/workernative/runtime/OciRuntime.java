package dev.slipway.workernative.runtime;

import dev.slipway.failure.WrongState;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A program with the command line of runc.
///
/// @param program host path
/// @param state where it keeps its state; ours alone, so that what is in it is ours to clean away
public record OciRuntime(Path program, Path state) {
  /// A process of the runtime that is not started yet.
  ///
  /// @param log where the runtime writes its own messages instead of the step's error stream
  ProcessBuilder command(Path log, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(program.toString());
    command.add("--root");
    command.add(state.toString());
    command.add("--log");
    command.add(log.toString());
    command.addAll(List.of(arguments));
    var process = new ProcessBuilder(command);
    process.environment().keySet().removeIf(name -> !name.equals("PATH"));
    // The runtime lives for milliseconds on little memory: one processor and no garbage collection
    // make it start quicker.
    process.environment().put("GOGC", "off");
    return process;
  }

  /// Runs a short command to its end, ignoring its output.
  ///
  /// @return its exit code
  int call(Path log, String... arguments) {
    ProcessBuilder command = command(log, arguments);
    command.redirectErrorStream(true);
    command.redirectOutput(ProcessBuilder.Redirect.DISCARD);
    command.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
    try {
      Process process = command.start();
      return Processes.waitUninterrupted(process);
    } catch (IOException failed) {
      throw new WrongState("cannot start " + program + ": " + failed.getMessage(), failed);
    }
  }
}
