package dev.slipway.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The Debian package that the build leaves beside the distribution.
final class DebPackageIT {
  private final Distribution distribution = Distribution.underTest();

  @Test
  void namesItsArchitectureInFileAndControl(@TempDir Path folder) throws IOException {
    Tool dpkg = Tool.of(distribution, "dpkg", folder);
    String machine = dpkg.succeed("--print-architecture").out().strip();

    Tool dpkgDeb = Tool.of(distribution, "dpkg-deb", folder);
    String control = dpkgDeb.succeed("--info", debFile().toString()).out();

    assertThat(debFile().getFileName().toString()).endsWith("_" + machine + ".deb");
    assertThat(control).contains("Package: slipway\n").contains("Architecture: " + machine + "\n");
    assertThat(dpkgDeb.succeed("--info", debFile().toString(), "conffiles").out())
        .isEqualTo("/etc/slipway/slipwayd.toml\n");
  }

  @Test
  void unpackedItHasProgramsThatRunUnitsAndConfiguration(@TempDir Path folder) {
    Path tree = folder.resolve("tree");
    Tool.of(distribution, "dpkg-deb", folder)
        .succeed("--extract", debFile().toString(), tree.toString());

    for (String program : List.of("slipwayd", "slipway", "buildkitd", "buildctl")) {
      Tool.Outcome version =
          new Tool(
                  List.of(tree.resolve("usr/bin").resolve(program).toString()),
                  java.util.Map.of("HOME", folder.toString()),
                  folder,
                  java.time.Duration.ofMinutes(5))
              .succeed("--version");
      assertThat(version.all()).as(program).contains(program);
    }
    assertThat(tree.resolve("lib/systemd/system/slipwayd.service"))
        .content()
        .contains("Type=notify\n", "ExecStart=/usr/lib/slipway/bin/slipwayd ");
    assertThat(tree.resolve("lib/systemd/system/slipwayd.socket"))
        .content()
        .contains("ListenStream=");
    assertThat(tree.resolve("etc/slipway/slipwayd.toml")).isRegularFile();
  }

  @Test
  void theStartCachesStillFitAfterUnpacking(@TempDir Path folder) {
    Path tree = folder.resolve("tree");
    Tool.of(distribution, "dpkg-deb", folder)
        .succeed("--extract", debFile().toString(), tree.toString());
    Path home = tree.resolve("usr/lib/slipway");

    for (String program : List.of("slipwayd", "slipway")) {
      assertThat(home.resolve("lib/" + program + ".aot")).isRegularFile();
      // With this mode the runtime refuses to start when the cache does not fit.
      Tool.of(distribution, "env", folder)
          .withEnvironment("SLIPWAY_JAVA_OPTS", "-XX:AOTMode=on")
          .succeed(home.resolve("bin").resolve(program).toString(), "--version");
    }
  }

  private Path debFile() {
    Path target = distribution.home().getParent();
    try (Stream<Path> files = Files.list(target)) {
      return files.filter(file -> file.toString().endsWith(".deb")).findFirst().orElseThrow();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
