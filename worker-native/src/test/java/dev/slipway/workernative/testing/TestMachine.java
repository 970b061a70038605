package dev.slipway.workernative.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.slipway.kernel.Kernel;
import dev.slipway.workernative.linux.LinuxKernel;
import dev.slipway.workernative.mount.KernelMounter;
import dev.slipway.workernative.mount.MountTable;
import dev.slipway.workernative.runtime.ProgramSearch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// This machine as tests use it: the real kernel, mounts below a temporary directory. Closing
/// checks that nothing stayed mounted.
public final class TestMachine implements AutoCloseable {
  private static final List<String> APPLETS =
      List.of(
          "sh",
          "true",
          "false",
          "ls",
          "cat",
          "id",
          "env",
          "pwd",
          "hostname",
          "sleep",
          "stat",
          "touch",
          "mkdir",
          "mv",
          "rm",
          "head",
          "yes",
          "kill",
          "ln",
          "echo",
          "wc",
          "mount",
          "ps",
          "tee",
          "seq",
          "test",
          "grep",
          "stty");

  private final Path folder;
  private final Kernel kernel = new LinuxKernel();
  private final KernelMounter mounter;

  /// @param folder a temporary directory
  public TestMachine(Path folder) {
    assumeTrue(isRoot(), "needs root: mounting and containers");
    this.folder = folder;
    this.mounter = KernelMounter.open(kernel, folder.resolve("mounts"));
  }

  public Kernel kernel() {
    return kernel;
  }

  public KernelMounter mounter() {
    return mounter;
  }

  /// Fills a directory with busybox and the usual folders.
  public Path makeRoot(Path root) throws IOException {
    Optional<Path> busybox = ProgramSearch.find("busybox");
    assumeTrue(busybox.isPresent(), "needs busybox on PATH (Debian: busybox-static)");
    for (String directory : List.of("bin", "etc", "tmp", "proc", "sys", "dev")) {
      Files.createDirectories(root.resolve(directory));
    }
    kernel.copyContents(busybox.get().toRealPath(), root.resolve("bin/busybox"));
    kernel.setMode(root.resolve("bin/busybox"), 0755);
    for (String applet : APPLETS) {
      kernel.makeHardLink(root.resolve("bin").resolve(applet), root.resolve("bin/busybox"));
    }
    Files.writeString(
        root.resolve("etc/passwd"),
        "root:x:0:0:root:/root:/bin/sh\nmike:x:1000:1001:Mike:/home/mike:/bin/sh\n");
    Files.writeString(root.resolve("etc/group"), "root:x:0:\nmike:x:1001:\nstaff:x:50:mike,root\n");
    return root;
  }

  /// A runtime to test with.
  public static Path runtime(String name) {
    Optional<Path> program = ProgramSearch.find(name);
    assumeTrue(program.isPresent(), "needs " + name + " on PATH (Debian: " + name + ")");
    return program.get();
  }

  /// Where CNI plug-ins are: installed, or unpacked beside the programs on `PATH`.
  public static Path cniPlugins() {
    Optional<Path> found =
        Stream.concat(
                Stream.of(Path.of("/usr/lib/cni")),
                Stream.of(new ProcessBuilder().environment().getOrDefault("PATH", "").split(":"))
                    .map(directory -> Path.of(directory, "../root/usr/lib/cni")))
            .filter(directory -> Files.isExecutable(directory.resolve("bridge")))
            .findFirst();
    assumeTrue(found.isPresent(), "needs CNI plug-ins (Debian: containernetworking-plugins)");
    return found.get().normalize();
  }

  @Override
  public void close() {
    List<Path> left =
        MountTable.below(folder.resolve("mounts")).stream()
            .filter(point -> !point.equals(folder.resolve("mounts")))
            .toList();
    KernelMounter.unmountAll(kernel, folder);
    assertThat(left).as("mounts left behind").isEmpty();
  }

  private static boolean isRoot() {
    try {
      return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
    } catch (IOException unreadable) {
      return false;
    }
  }
}
