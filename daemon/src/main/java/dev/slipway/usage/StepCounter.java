package dev.slipway.usage;

/// What is counted of a step, in the order in which provenance tells it.
public enum StepCounter {
  USAGE_NANOS(Group.CPU, "usageNanos"),
  USER_NANOS(Group.CPU, "userNanos"),
  SYSTEM_NANOS(Group.CPU, "systemNanos"),
  PERIODS(Group.CPU, "nrPeriods"),
  THROTTLED(Group.CPU, "nrThrottled"),
  THROTTLED_NANOS(Group.CPU, "throttledNanos"),

  SWAP_BYTES(Group.MEMORY, "swapBytes"),
  ANON(Group.MEMORY, "anon"),
  FILE(Group.MEMORY, "file"),
  KERNEL_STACK(Group.MEMORY, "kernelStack"),
  PAGE_TABLES(Group.MEMORY, "pageTables"),
  SOCK(Group.MEMORY, "sock"),
  SHMEM(Group.MEMORY, "shmem"),
  FILE_MAPPED(Group.MEMORY, "fileMapped"),
  FILE_DIRTY(Group.MEMORY, "fileDirty"),
  FILE_WRITEBACK(Group.MEMORY, "fileWriteback"),
  SLAB(Group.MEMORY, "slab"),
  PGSCAN(Group.MEMORY, "pgscan"),
  PGSTEAL(Group.MEMORY, "pgsteal"),
  PGFAULT(Group.MEMORY, "pgfault"),
  PGMAJFAULT(Group.MEMORY, "pgmajfault"),
  PEAK(Group.MEMORY, "peak"),
  LOW_EVENTS(Group.MEMORY, "lowEvents"),
  HIGH_EVENTS(Group.MEMORY, "highEvents"),
  MAX_EVENTS(Group.MEMORY, "maxEvents"),
  OOM_EVENTS(Group.MEMORY, "oomEvents"),
  OOM_KILL_EVENTS(Group.MEMORY, "oomKillEvents"),

  READ_BYTES(Group.IO, "readBytes"),
  WRITE_BYTES(Group.IO, "writeBytes"),
  DISCARD_BYTES(Group.IO, "discardBytes"),
  READ_IOS(Group.IO, "readIOs"),
  WRITE_IOS(Group.IO, "writeIOs"),
  DISCARD_IOS(Group.IO, "discardIOs"),

  CURRENT(Group.PIDS, "current"),

  RX_BYTES(Group.NETWORK, "rxBytes"),
  RX_PACKETS(Group.NETWORK, "rxPackets"),
  RX_ERRORS(Group.NETWORK, "rxErrors"),
  RX_DROPPED(Group.NETWORK, "rxDropped"),
  TX_BYTES(Group.NETWORK, "txBytes"),
  TX_PACKETS(Group.NETWORK, "txPackets"),
  TX_ERRORS(Group.NETWORK, "txErrors"),
  TX_DROPPED(Group.NETWORK, "txDropped");

  /// Counters that are told together, in the order in which provenance tells them.
  public enum Group {
    CPU("cpuStat"),
    MEMORY("memoryStat"),
    IO("ioStat"),
    PIDS("pidsStat"),

    /// As the host's side of the step's network device sees it: what the step sent was received.
    NETWORK("netStat");

    private final String told;

    Group(String told) {
      this.told = told;
    }

    /// Its name in provenance.
    public String told() {
      return told;
    }
  }

  private final Group group;
  private final String told;

  StepCounter(Group group, String told) {
    this.group = group;
    this.told = told;
  }

  public Group group() {
    return group;
  }

  /// Its name in provenance.
  public String told() {
    return told;
  }

  /// Whether nothing is said of it while it is nought.
  public boolean isSilentAtZero() {
    return group == Group.NETWORK
        || switch (this) {
          case LOW_EVENTS, HIGH_EVENTS, MAX_EVENTS, OOM_EVENTS, OOM_KILL_EVENTS -> true;
          default -> false;
        };
  }
}
