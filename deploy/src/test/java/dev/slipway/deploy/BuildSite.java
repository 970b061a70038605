package dev.slipway.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// A place to build at: a registry with the base images, a daemon, and real clients pointed at
/// both.
///
/// The daemon's configuration names the registry as mirror of `docker.io`, so Dockerfiles say `FROM
/// busybox`. Closing it stops the daemon and fails the test if anything remains.
final class BuildSite implements AutoCloseable {
  final Distribution distribution;
  final BaseImages baseImages;
  final RegistryProcess registry;
  final DaemonProcess daemon;
  private final Path folder;

  private BuildSite(
      Distribution distribution,
      BaseImages baseImages,
      RegistryProcess registry,
      DaemonProcess daemon,
      Path folder) {
    this.distribution = distribution;
    this.baseImages = baseImages;
    this.registry = registry;
    this.daemon = daemon;
    this.folder = folder;
  }

  /// Starts everything below `folder`. The caller closes it.
  static BuildSite open(Path folder, String... daemonFlags) {
    return openWith("", folder, daemonFlags);
  }

  /// The same, with more in the daemon's configuration.
  static BuildSite openWith(String settings, Path folder, String... daemonFlags) {
    return open(settings, List.of(), folder, daemonFlags);
  }

  /// The same, with a daemon that finds cgroup v2 where machines have it, whatever this one has. Of
  /// controllers it finds those that the machine's old hierarchies do not use.
  static BuildSite openWithUnifiedCgroups(Path folder) {
    return open(
        "",
        List.of(
            "unshare",
            "--mount",
            "--propagation",
            "private",
            "sh",
            "-c",
            "mount -t cgroup2 none /sys/fs/cgroup && exec \"$0\" \"$@\""),
        folder);
  }

  private static BuildSite open(
      String settings, List<String> within, Path folder, String... daemonFlags) {
    Distribution distribution = Distribution.underTest();
    BaseImages baseImages = BaseImages.make(distribution);
    RegistryProcess registry = RegistryProcess.start(distribution, folder.resolve("registry"));
    try {
      baseImages.pushTo(registry, Tool.of(distribution, "skopeo", folder));
      Path config = folder.resolve("daemon.toml");
      Files.writeString(
          config,
          """
          insecure-entitlements = ["network.host"]
          [registry."docker.io"]
          mirrors = ["%1$s"]
          [registry."%1$s"]
          http = true
          """
                  .formatted(registry.host())
              + settings);
      DaemonProcess daemon =
          DaemonProcess.startWithin(
              within,
              distribution,
              Files.createDirectories(folder.resolve("daemon")),
              config,
              daemonFlags);
      return new BuildSite(distribution, baseImages, registry, daemon, folder);
    } catch (IOException e) {
      registry.close();
      throw new UncheckedIOException(e);
    } catch (RuntimeException | AssertionError e) {
      registry.close();
      throw e;
    }
  }

  /// A program with a home of its own, so that it finds no configuration of the machine's.
  Tool tool(String name) {
    return Tool.of(distribution, name, folder);
  }

  /// The real buildx, with this site's daemon as builder `site`.
  Tool buildx() {
    Tool buildx =
        tool("docker-buildx").withEnvironment("BUILDX_CONFIG", folder.resolve("buildx").toString());
    if (!Files.exists(folder.resolve("buildx/instances/site"))) {
      buildx.succeed("create", "--name", "site", "--driver", "remote", daemon.address());
    }
    return buildx;
  }

  Tool buildxBuild() {
    return buildx().with("build", "--builder", "site", "--progress", "plain", "--provenance=false");
  }

  Tool slipway() {
    return tool("slipway").with("--addr", daemon.address());
  }

  Tool buildctl() {
    return tool("buildctl").with("--addr", daemon.address());
  }

  /// `crane`, which speaks plain HTTP to this site's registry by itself.
  Tool crane() {
    return tool("crane").with("--insecure");
  }

  /// A new build context with these files; `name` to content.
  Path context(String name, Map<String, String> files) {
    Path context = folder.resolve(name);
    files.forEach(
        (path, content) -> {
          try {
            Files.createDirectories(context.resolve(path).getParent());
            Files.writeString(context.resolve(path), content);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
    return context;
  }

  /// A path below this site's folder, for outputs.
  Path path(String name) {
    return folder.resolve(name);
  }

  /// A reference into this site's registry.
  String reference(String name) {
    return registry.host() + "/" + name;
  }

  @Override
  public void close() {
    try (registry) {
      int exit = daemon.isAlive() ? daemon.stop() : 0;
      // The reference ends with 1 here, and leaves mounts behind when it was killed before.
      if (distribution.isOurs()) {
        assertThat(exit)
            .as("exit code of the stopped daemon; its log ends:\n%s", daemon.logTail())
            .isZero();
        assertThat(Remains.below(folder.resolve("daemon"))).isEqualTo(Remains.NOTHING);
      }
    }
  }
}
