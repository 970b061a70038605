package dev.slipway.usage;

import dev.slipway.usage.MachineSample.Activity;
import dev.slipway.usage.MachineSample.Memory;
import dev.slipway.usage.MachineSample.Pressures;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// Reads what the machine does from `/proc`. What cannot be read is not told. Immutable.
public final class ProcMachine {
  private static final Map<String, Memory> MEMORY =
      Arrays.stream(Memory.values()).collect(Collectors.toMap(Memory::kernelName, each -> each));

  private final Path proc;

  /// @param proc where the file system `proc` is mounted
  public ProcMachine(Path proc) {
    this.proc = proc;
  }

  public static ProcMachine local() {
    return new ProcMachine(Path.of("/proc"));
  }

  public Optional<ProcessorTimes> processorTimes() {
    try (BufferedReader lines = Files.newBufferedReader(proc.resolve("stat"))) {
      String first = lines.readLine();
      return first == null ? Optional.empty() : ProcessorTimes.parse(first);
    } catch (IOException unreadable) {
      return Optional.empty();
    }
  }

  public Optional<MachineSample> sample(Instant at) {
    try {
      Map<String, String> stat = fields(proc.resolve("stat"), " ");
      return ProcessorTimes.parse("cpu" + stat.getOrDefault("cpu", ""))
          .map(
              times ->
                  new MachineSample(
                      at,
                      times,
                      new Activity(
                          number(stat.getOrDefault("ctxt", "")),
                          number(stat.getOrDefault("processes", "")),
                          number(stat.getOrDefault("procs_running", ""))),
                      memory(),
                      pressures()));
    } catch (IOException unreadable) {
      return Optional.empty();
    }
  }

  private Map<Memory, Long> memory() {
    EnumMap<Memory, Long> memory = new EnumMap<>(Memory.class);
    try {
      fields(proc.resolve("meminfo"), ":")
          .forEach(
              (name, value) -> {
                Memory known = MEMORY.get(name);
                if (known != null) {
                  memory.put(known, number(value.replace("kB", "").strip()));
                }
              });
    } catch (IOException unreadable) {
      return Map.of();
    }
    return memory;
  }

  private Optional<Pressures> pressures() {
    Path pressures = proc.resolve("pressure");
    try {
      return Optional.of(
          new Pressures(
              Pressure.parse(Files.readString(pressures.resolve("cpu"))),
              Pressure.parse(Files.readString(pressures.resolve("memory"))),
              Pressure.parse(Files.readString(pressures.resolve("io")))));
    } catch (IOException untold) {
      return Optional.empty();
    }
  }

  private static Map<String, String> fields(Path file, String separator) throws IOException {
    Map<String, String> fields = new HashMap<>();
    try (BufferedReader lines = Files.newBufferedReader(file)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        int end = line.indexOf(separator);
        if (end > 0) {
          fields.putIfAbsent(line.substring(0, end), line.substring(end + 1));
        }
      }
    }
    return fields;
  }

  private static long number(String text) {
    try {
      return Long.parseLong(text.strip());
    } catch (NumberFormatException unknown) {
      return 0;
    }
  }
}
