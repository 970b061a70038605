package dev.slipway.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A daemon that runs containers, as a process of its own, with all it keeps in a folder of the
/// test, and its client.
final class EngineProcess implements AutoCloseable {
  private static final Duration READY_WITHIN = Duration.ofMinutes(3);
  private static final Duration STOPPED_WITHIN = Duration.ofMinutes(1);

  private final Process process;
  private final Path log;
  private final Tool client;

  private EngineProcess(Process process, Path log, Tool client) {
    this.process = process;
    this.log = log;
    this.client = client;
  }

  /// Docker's, without networks. The caller closes it.
  static EngineProcess docker(Distribution distribution, Path folder) throws IOException {
    String socket = "unix://" + folder.resolve("docker.sock");
    return start(
        distribution,
        folder,
        List.of(
            distribution.program("dockerd").toString(),
            "-H",
            socket,
            "--data-root",
            folder.resolve("data").toString(),
            "--exec-root",
            folder.resolve("exec").toString(),
            "--pidfile",
            folder.resolve("pid").toString(),
            "--bridge",
            "none",
            "--iptables=false",
            "--storage-driver",
            "vfs",
            "--config-file",
            Files.writeString(folder.resolve("daemon.json"), "{}").toString()),
        Tool.of(distribution, "docker", folder).with("-H", socket));
  }

  /// The caller closes it.
  static EngineProcess containerd(Distribution distribution, Path folder) throws IOException {
    Path socket = folder.resolve("containerd.sock");
    Path config =
        Files.writeString(
            folder.resolve("config.toml"),
            """
            version = 2
            root = "%s"
            state = "%s"
            disabled_plugins = ["io.containerd.grpc.v1.cri"]
            [grpc]
            address = "%s"
            """
                .formatted(folder.resolve("root"), folder.resolve("state"), socket));
    return start(
        distribution,
        folder,
        List.of(distribution.program("containerd").toString(), "--config", config.toString()),
        Tool.of(distribution, "ctr", folder).with("--address", socket.toString()));
  }

  private static EngineProcess start(
      Distribution distribution, Path folder, List<String> command, Tool client)
      throws IOException {
    Path log = folder.resolve("log");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    builder.environment().put("PATH", distribution.searchPath());
    EngineProcess engine = new EngineProcess(builder.start(), log, client);
    try {
      Await.until(
          "the engine answers",
          READY_WITHIN,
          () -> engine.process.isAlive() && client.run("version").exit() == 0);
      return engine;
    } catch (AssertionError e) {
      engine.close();
      throw new AssertionError(e.getMessage() + "\n" + Files.readString(log), e);
    }
  }

  /// Has its client do that, and fails the test unless it does.
  Tool.Outcome client(String... arguments) {
    Tool.Outcome outcome = client.run(arguments);
    if (outcome.exit() != 0) {
      throw new AssertionError(outcome + "\n" + logged());
    }
    return outcome;
  }

  private String logged() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(STOPPED_WITHIN.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
