package dev.slipway.workernative.platform;

import dev.slipway.kernel.Kernel;
import dev.slipway.oci.Platform;
import dev.slipway.task.Interruption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Finds the platforms that run here without emulation: the machine's own, the levels of x86-64 it
/// has (x86-64 psABI, "micro-architecture levels"), and the 32-bit form where the kernel has it.
/// Order and names as BuildKit's `util/archutil` announces them.
public final class NativePlatforms {
  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");
  private static final Set<String> LEVEL_2 =
      Set.of("cx16", "lahf_lm", "popcnt", "pni", "ssse3", "sse4_1", "sse4_2");
  private static final Set<String> LEVEL_3 =
      Set.of("avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "movbe", "xsave");
  private static final Set<String> LEVEL_4 =
      Set.of("avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl");

  private NativePlatforms() {}

  /// @param scratch a directory in which a program may be written and run
  public static List<Platform> detect(Kernel kernel, Path scratch) {
    Platform own = Platform.local();
    List<Platform> all = new ArrayList<>();
    all.add(own);
    switch (own.architecture()) {
      case "amd64" -> {
        int level = level(processorFlags());
        for (int variant = 2; variant <= level; variant++) {
          all.add(Platform.of("linux", "amd64", "v" + variant));
        }
        addIfRuns(Platform.of("linux", "386"), kernel, scratch, all);
      }
      default -> {}
    }
    return List.copyOf(all);
  }

  static int level(Set<String> flags) {
    if (!flags.containsAll(LEVEL_2)) {
      return 1;
    }
    if (!flags.containsAll(LEVEL_3)) {
      return 2;
    }
    return flags.containsAll(LEVEL_4) ? 4 : 3;
  }

  private static Set<String> processorFlags() {
    try {
      for (String line : Files.readAllLines(CPU_INFO)) {
        if (line.startsWith("flags")) {
          return Set.of(line.substring(line.indexOf(':') + 1).strip().split("\\s+"));
        }
      }
    } catch (IOException unreadable) {
      // Then only the base level is announced.
    }
    return Set.of();
  }

  private static void addIfRuns(
      Platform platform, Kernel kernel, Path scratch, List<Platform> all) {
    Path program = scratch.resolve("try-" + platform.architecture());
    TinyProgram.forArchitecture(platform)
        .ifPresent(bytes -> TinyProgram.write(kernel, bytes, program));
    try {
      Process process = new ProcessBuilder(program.toString()).start();
      if (process.waitFor() == 0) {
        all.add(platform);
      }
    } catch (IOException cannotRun) {
      // ENOEXEC: the kernel has no support for it.
    } catch (InterruptedException interrupted) {
      throw Interruption.cancelled(interrupted);
    } finally {
      deleteQuietly(program);
    }
  }

  private static void deleteQuietly(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException left) {
      // A few bytes in our own directory, overwritten the next time.
    }
  }
}
