package dev.slipway.usage;

import java.time.Instant;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/// What the whole machine did and had at one moment.
///
/// @param pressures none where the kernel does not tell them
public record MachineSample(
    Instant at,
    ProcessorTimes processors,
    Activity activity,
    Map<Memory, Long> memory,
    Optional<Pressures> pressures) {
  public MachineSample {
    EnumMap<Memory, Long> copy = new EnumMap<>(Memory.class);
    copy.putAll(memory);
    memory = Collections.unmodifiableMap(copy);
  }

  /// @param contextSwitches since the machine's start
  /// @param processesCreated likewise
  /// @param processesRunning now
  public record Activity(long contextSwitches, long processesCreated, long processesRunning) {}

  /// What is waited for.
  public record Pressures(Pressure cpu, Pressure memory, Pressure io) {}

  /// Memory in kibibytes, in the order in which provenance tells it.
  public enum Memory {
    TOTAL("total", "MemTotal"),
    FREE("free", "MemFree"),
    AVAILABLE("available", "MemAvailable"),
    BUFFERS("buffers", "Buffers"),
    CACHED("cached", "Cached"),
    ACTIVE("active", "Active"),
    INACTIVE("inactive", "Inactive"),
    SWAP("swap", "SwapTotal"),
    DIRTY("dirty", "Dirty"),
    WRITEBACK("writeback", "Writeback"),
    SLAB("slab", "Slab");

    private final String told;
    private final String kernelName;

    Memory(String told, String kernelName) {
      this.told = told;
      this.kernelName = kernelName;
    }

    /// Its name in provenance.
    public String told() {
      return told;
    }

    /// Its name in `/proc/meminfo` (proc_meminfo(5)).
    String kernelName() {
      return kernelName;
    }
  }
}
