package dev.slipway.source.git;

import dev.slipway.failure.Exhausted;
import dev.slipway.failure.Unavailable;
import dev.slipway.failure.Unsupported;
import dev.slipway.failure.WrongState;
import dev.slipway.progress.ProgressEvent.LogStream;
import dev.slipway.progress.VertexProgress;
import dev.slipway.task.Interruption;
import dev.slipway.task.TaskScope;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The surroundings of git: where it works, whose credentials it has, who sees its output.
/// Immutable; thread-safe.
///
/// Credentials go by environment, never as arguments, which everybody on the machine can see.
///
/// @param environment what git inherits (`PATH`, proxies)
/// @param settings configuration of this invocation, by key
record GitCommand(
    Map<String, String> environment,
    Map<String, String> settings,
    Optional<Path> gitDirectory,
    Optional<Path> workTree,
    VertexProgress progress) {
  private static final int MAX_OUTPUT = 16 * 1024 * 1024;
  private static final int MAX_SHOWN = 4096;

  GitCommand {
    environment = Map.copyOf(environment);
    settings = Map.copyOf(settings);
  }

  GitCommand in(Path newGitDirectory) {
    return new GitCommand(environment, settings, Optional.of(newGitDirectory), workTree, progress);
  }

  GitCommand in(Path newGitDirectory, Path newWorkTree) {
    return new GitCommand(
        environment, settings, Optional.of(newGitDirectory), Optional.of(newWorkTree), progress);
  }

  /// Runs git to its end; interruption kills it. What servers that know no shallow clones refuse is
  /// asked for again in full.
  ///
  /// @return standard output, without surrounding white space
  /// @throws Unavailable it failed; the message has its error output
  String run(String... arguments) {
    return new String(bytes(arguments), StandardCharsets.UTF_8).strip();
  }

  /// The same, standard output as it is.
  byte[] bytes(String... arguments) {
    List<String> tried = List.of(arguments);
    while (true) {
      Ended ended = runOnce(tried);
      if (ended.exitCode() == 0) {
        return ended.output();
      }
      List<String> simpler = simpler(tried, ended.errors());
      if (simpler.size() == tried.size()) {
        throw new Unavailable(
            "git "
                + tried.getFirst()
                + " failed (exit code "
                + ended.exitCode()
                + "): git stderr:\n"
                + ended.errors());
      }
      tried = simpler;
    }
  }

  /// Whether git agrees; its failing is an answer.
  boolean succeeds(String... arguments) {
    return runOnce(List.of(arguments)).exitCode() == 0;
  }

  private static List<String> simpler(List<String> arguments, String errors) {
    List<String> simpler = new ArrayList<>(arguments);
    if (errors.contains("--depth") || errors.contains("shallow")) {
      simpler.remove("--depth=1");
    }
    boolean unadvertised = errors.contains("not our ref") || errors.contains("unadvertised object");
    if (unadvertised
        && arguments.getFirst().equals("fetch")
        && GitIdentifier.isCommit(arguments.getLast())) {
      simpler.removeLast();
    }
    return simpler;
  }

  private record Ended(int exitCode, byte[] output, String errors) {}

  private Ended runOnce(List<String> arguments) {
    List<String> command = new ArrayList<>(List.of("git", "-c", "protocol.file.allow=user"));
    workTree.ifPresent(path -> command.addAll(List.of("--work-tree", path.toString())));
    gitDirectory.ifPresent(path -> command.addAll(List.of("--git-dir", path.toString())));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().clear();
    builder.environment().putAll(variables());
    workTree.or(() -> gitDirectory).ifPresent(path -> builder.directory(path.toFile()));
    Process process = start(builder);
    try (TaskScope scope = TaskScope.open("git-output")) {
      process.getOutputStream().close();
      var output = scope.fork(() -> read(process.getInputStream(), LogStream.STDOUT));
      var errors = scope.fork(() -> read(process.getErrorStream(), LogStream.STDERR));
      int exitCode = process.waitFor();
      return new Ended(
          exitCode, output.result(), new String(errors.result(), StandardCharsets.UTF_8));
    } catch (InterruptedException interrupted) {
      throw Interruption.cancelled(interrupted);
    } catch (IOException failed) {
      throw new Unavailable("git " + arguments.getFirst() + ": " + failed.getMessage(), failed);
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  private static Process start(ProcessBuilder builder) {
    try {
      return builder.start();
    } catch (IOException failed) {
      File directory = builder.directory();
      if (directory != null && !directory.isDirectory()) {
        throw new WrongState("git: its directory " + directory + " is gone", failed);
      }
      throw new Unsupported(
          "git sources need the program git (Debian: apt-get install git): " + failed.getMessage(),
          failed);
    }
  }

  private Map<String, String> variables() {
    Map<String, String> variables = new HashMap<>(environment);
    variables.put("GIT_TERMINAL_PROMPT", "0");
    variables.put("LC_ALL", "C");
    variables.put("GIT_CONFIG_NOSYSTEM", "1");
    variables.put("GIT_CONFIG_GLOBAL", "/dev/null");
    variables.put("HOME", "/dev/null");
    int count = 0;
    for (Map.Entry<String, String> setting : settings.entrySet()) {
      variables.put("GIT_CONFIG_KEY_" + count, setting.getKey());
      variables.put("GIT_CONFIG_VALUE_" + count, setting.getValue());
      count++;
    }
    variables.put("GIT_CONFIG_COUNT", Integer.toString(count));
    return variables;
  }

  private byte[] read(InputStream stream, LogStream kind) throws IOException {
    ByteArrayOutputStream kept = new ByteArrayOutputStream();
    byte[] buffer = new byte[8192];
    for (int length = stream.read(buffer); length >= 0; length = stream.read(buffer)) {
      progress.log(kind, buffer, 0, length);
      if (kind == LogStream.STDOUT && kept.size() + length > MAX_OUTPUT) {
        throw new Exhausted("git writes more than " + MAX_OUTPUT + " bytes");
      }
      if (kind == LogStream.STDOUT || kept.size() < MAX_SHOWN) {
        kept.write(buffer, 0, length);
      }
    }
    return kept.toByteArray();
  }
}
