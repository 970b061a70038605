package dev.slipway.deploy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// A program to call: what precedes its arguments, its environment and its working folder.
/// Immutable.
///
/// @param input what it reads from standard input
record Tool(
    List<String> command,
    Map<String, String> environment,
    Path folder,
    Duration limit,
    Path input) {
  private static final Path NO_INPUT = Path.of("/dev/null");

  Tool(List<String> command, Map<String, String> environment, Path folder, Duration limit) {
    this(command, environment, folder, limit, NO_INPUT);
  }

  Tool {
    command = List.copyOf(command);
    environment = Map.copyOf(environment);
  }

  static Tool of(Distribution distribution, String name, Path folder) {
    return new Tool(
        List.of(distribution.program(name).toString()),
        Map.of("PATH", distribution.searchPath(), "HOME", folder.toString()),
        folder,
        Duration.ofMinutes(15));
  }

  Tool with(String... arguments) {
    List<String> longer = new ArrayList<>(command);
    longer.addAll(List.of(arguments));
    return new Tool(longer, environment, folder, limit, input);
  }

  Tool withEnvironment(String name, String value) {
    Map<String, String> more = new HashMap<>(environment);
    more.put(name, value);
    return new Tool(command, more, folder, limit, input);
  }

  Tool within(Duration newLimit) {
    return new Tool(command, environment, folder, newLimit, input);
  }

  Tool in(Path newFolder) {
    return new Tool(command, environment, newFolder, limit, input);
  }

  /// With this file as its standard input.
  Tool from(Path file) {
    return new Tool(command, environment, folder, limit, file);
  }

  /// Runs it to its end, whatever its exit code; one that exceeds the limit is killed and fails the
  /// test.
  Outcome run(String... arguments) {
    return start(arguments).await();
  }

  /// Runs it and fails the test unless it exits with 0.
  Outcome succeed(String... arguments) {
    Outcome outcome = run(arguments);
    if (outcome.exit() != 0) {
      throw new AssertionError(outcome.toString());
    }
    return outcome;
  }

  /// Starts it; the caller awaits or kills it.
  Running start(String... arguments) {
    Tool whole = with(arguments);
    ProcessBuilder builder =
        new ProcessBuilder(whole.command())
            .directory(folder.toFile())
            .redirectInput(input.toFile());
    builder
        .environment()
        .keySet()
        .removeIf(name -> name.startsWith("SLIPWAY_") || name.startsWith("BUILD"));
    builder.environment().putAll(environment);
    try {
      Process process = builder.start();
      return new Running(
          whole,
          process,
          Capture.of(process.getInputStream()),
          Capture.of(process.getErrorStream()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// A started program.
  record Running(Tool tool, Process process, Capture out, Capture err) {

    Outcome await() {
      try {
        if (!process.waitFor(tool.limit().toMillis(), TimeUnit.MILLISECONDS)) {
          process.descendants().forEach(ProcessHandle::destroyForcibly);
          process.destroyForcibly().waitFor();
          throw new AssertionError("still running after " + tool.limit() + ": " + outcome());
        }
        return outcome();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
    }

    private Outcome outcome() throws InterruptedException {
      return new Outcome(tool.command(), process.waitFor(), out.text(), err.text());
    }
  }

  /// @param out what it wrote to standard output
  /// @param err what it wrote to standard error
  record Outcome(List<String> command, int exit, String out, String err) {

    /// Both outputs, for programs that are not strict about where they write.
    String all() {
      return out + err;
    }

    @Override
    public String toString() {
      return "exit code "
          + exit
          + " of "
          + String.join(" ", command)
          + "\n"
          + tail(out)
          + tail(err);
    }

    private static String tail(String text) {
      return text.substring(Math.max(0, text.length() - 20_000));
    }
  }

  /// Reads a stream to its end, on a virtual thread of its own.
  static final class Capture {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final Thread reader;

    private Capture(InputStream stream) {
      reader =
          Thread.startVirtualThread(
              () -> {
                try (stream) {
                  stream.transferTo(bytes);
                } catch (IOException e) {
                  bytes.writeBytes(("\n[" + e.getMessage() + "]").getBytes(StandardCharsets.UTF_8));
                }
              });
    }

    static Capture of(InputStream stream) {
      return new Capture(stream);
    }

    /// What was read up to the end of the stream.
    String text() throws InterruptedException {
      reader.join();
      return bytes.toString(StandardCharsets.UTF_8);
    }

    /// What was read so far.
    String soFar() {
      return bytes.toString(StandardCharsets.UTF_8);
    }
  }
}
