package dev.slipway.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// What a daemon that is gone should not have left: mounts, and processes that live on its
/// snapshots.
///
/// @param mounts mount points below the daemon's folder, in the tests' own mount namespace
/// @param processes command lines of processes that see a mount whose data are below the folder
record Remains(List<String> mounts, List<String> processes) {
  static final Remains NOTHING = new Remains(List.of(), List.of());

  static Remains below(Path folder) {
    return new Remains(mountsBelow(folder), processesOn(folder));
  }

  private static List<String> mountsBelow(Path folder) {
    return mountTable(Path.of("/proc/self"))
        .map(line -> line.split(" ")[4])
        .filter(point -> Path.of(point).startsWith(folder))
        .toList();
  }

  /// A container's overlay names its layers by path, so its mount table gives it away.
  private static List<String> processesOn(Path folder) {
    try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
      return processes
          .filter(process -> process.getFileName().toString().matches("\\d+"))
          .filter(process -> !process.getFileName().toString().equals(ownPid()))
          .filter(
              process ->
                  mountTable(process)
                      .anyMatch(
                          line -> line.contains(" - overlay ") && line.contains(folder + "/")))
          .map(process -> process.getFileName() + ": " + commandLine(process))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String ownPid() {
    return Long.toString(ProcessHandle.current().pid());
  }

  private static Stream<String> mountTable(Path process) {
    try {
      return Files.readAllLines(process.resolve("mountinfo")).stream();
    } catch (IOException | UncheckedIOException gone) {
      return Stream.empty();
    }
  }

  private static String commandLine(Path process) {
    try {
      return Files.readString(process.resolve("cmdline")).replace('\0', ' ').strip();
    } catch (IOException gone) {
      return "";
    }
  }
}
