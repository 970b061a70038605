package dev.slipway.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/// A real Docker Engine, started for the test, takes what the `docker` exporter writes.
@Isolated
final class DockerEngineIT {

  @Test
  void theEngineLoadsAndRunsADockerTar(@TempDir Path folder)
      throws IOException, InterruptedException {
    try (BuildSite site = BuildSite.open(folder)) {
      Path context =
          site.context(
              "engine",
              Map.of(
                  "Dockerfile",
                  "FROM busybox\nRUN echo made here > /made\nCMD [\"cat\", \"/made\"]\n"));
      Path tar = site.path("image.tar");
      site.buildxBuild()
          .succeed("-t", "it/engine:1", "-o", "type=docker,dest=" + tar, context.toString());

      Path engine = Files.createDirectories(folder.resolve("engine"));
      String socket = "unix://" + engine.resolve("docker.sock");
      Process dockerd = startEngine(site, engine, socket);
      try {
        Tool docker = site.tool("docker").with("-H", socket);
        Await.until(
            "the engine answers",
            Duration.ofSeconds(60),
            () -> dockerd.isAlive() && answers(docker));
        String loaded = docker.succeed("load", "-i", tar.toString()).out();
        String ran = docker.succeed("run", "--rm", "--network", "none", "it/engine:1").out();

        assertThat(loaded).contains("it/engine:1");
        assertThat(ran).isEqualTo("made here\n");
      } catch (AssertionError e) {
        throw new AssertionError(
            e.getMessage() + "\n" + Files.readString(engine.resolve("log")), e);
      } finally {
        dockerd.destroy();
        if (!dockerd.waitFor(Duration.ofSeconds(30))) {
          dockerd.destroyForcibly().waitFor();
        }
      }
    }
  }

  private static boolean answers(Tool docker) {
    return docker.run("info").exit() == 0;
  }

  private static Process startEngine(BuildSite site, Path folder, String socket)
      throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
                List.of(
                    site.distribution.program("dockerd").toString(),
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
                    Files.writeString(folder.resolve("daemon.json"), "{}").toString()))
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile());
    builder.environment().put("PATH", site.distribution.searchPath());
    return builder.start();
  }
}
