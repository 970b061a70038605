package dev.slipway.workernative.cni;

import dev.slipway.failure.Unsupported;
import dev.slipway.failure.WrongState;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/// The programs of plug-ins, and how one is run. Immutable.
///
/// A run is not interrupted: half of a network is harder to clear away than a whole one. It has a
/// time limit instead.
final class CniPlugins {
  private static final int MOST_BYTES = 1 << 20;
  private static final int MOST_OF_MESSAGE = 2000;

  private final List<Path> directories;
  private final Duration limit;

  /// @param directories where programs are looked for, in this order
  /// @param limit how long one run may take
  CniPlugins(List<Path> directories, Duration limit) {
    this.directories = List.copyOf(directories);
    this.limit = limit;
  }

  /// The first program of that name.
  ///
  /// @throws Unsupported when there is none
  Path find(String type) {
    return directories.stream()
        .map(directory -> directory.resolve(type))
        .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
        .findFirst()
        .orElseThrow(
            () ->
                new Unsupported(
                    "CNI plug-in "
                        + type
                        + " is not in "
                        + searched(", ")
                        + " (Debian has plug-ins in the package containernetworking-plugins, at"
                        + " /usr/lib/cni)"));
  }

  String searched(String separator) {
    return directories.stream().map(Path::toString).collect(Collectors.joining(separator));
  }

  /// Runs a plug-in to its end.
  ///
  /// @param variables what it is to do, to what
  /// @param input JSON
  /// @param scratch directory for the files of the run; exists
  /// @return what it printed
  /// @throws WrongState with the plug-in's own words when it fails
  String run(String type, Map<String, String> variables, String input, Path scratch) {
    Path program = find(type);
    Path in = scratch.resolve("in");
    Path out = scratch.resolve("out");
    Path err = scratch.resolve("err");
    var command = new ProcessBuilder(program.toString());
    command.environment().putAll(variables);
    command.environment().put("CNI_PATH", searched(":"));
    try {
      Files.writeString(in, input);
      command.redirectInput(in.toFile());
      command.redirectOutput(out.toFile());
      command.redirectError(err.toFile());
      Optional<Integer> exitCode = ended(command.start());
      String printed = text(out);
      if (exitCode.isEmpty()) {
        throw failure(type, variables, "no answer within " + limit.toSeconds() + " s");
      }
      if (exitCode.get() != 0) {
        throw failure(type, variables, reason(printed, text(err), exitCode.get()));
      }
      return printed;
    } catch (IOException failed) {
      throw new WrongState(
          "cannot run CNI plug-in " + program + ": " + failed.getMessage(), failed);
    }
  }

  private Optional<Integer> ended(Process process) {
    long end = System.nanoTime() + limit.toNanos();
    boolean interrupted = false;
    try {
      while (true) {
        try {
          if (process.waitFor(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
            return Optional.of(process.exitValue());
          }
          process.descendants().forEach(ProcessHandle::destroyForcibly);
          process.destroyForcibly().waitFor();
          return Optional.empty();
        } catch (InterruptedException again) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static WrongState failure(String type, Map<String, String> variables, String reason) {
    return new WrongState(
        "CNI plug-in " + type + " failed (" + variables.get("CNI_COMMAND") + "): " + reason);
  }

  /// What is said in the error object on standard output; without one, what there is.
  private static String reason(String printed, String errors, int exitCode) {
    try {
      Map<?, ?> error = JsonMapper.shared().readValue(printed, Map.class);
      if (error.get("msg") instanceof String message && !message.isEmpty()) {
        return error.get("details") instanceof String details && !details.isEmpty()
            ? shortened(message + "; " + details)
            : shortened(message);
      }
    } catch (JacksonException notJson) {
      // Said in some other way, then.
    }
    String said = errors.isBlank() ? printed.strip() : errors.strip();
    return said.isEmpty() ? "exit code " + exitCode : shortened(said);
  }

  private static String shortened(String text) {
    return text.length() <= MOST_OF_MESSAGE ? text : text.substring(0, MOST_OF_MESSAGE) + "…";
  }

  private static String text(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return new String(in.readNBytes(MOST_BYTES), StandardCharsets.UTF_8);
    }
  }
}
