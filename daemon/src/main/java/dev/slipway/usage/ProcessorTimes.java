package dev.slipway.usage;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What all processors of the machine together did with their time.
///
/// @param hundredths of a second, one of each [State]
public record ProcessorTimes(List<Long> hundredths) {

  /// In the order of `/proc/stat` (proc_stat(5)), under the names that provenance has for them.
  public enum State {
    USER("user"),
    NICE("nice"),
    SYSTEM("system"),
    IDLE("idle"),
    IOWAIT("iowait"),
    IRQ("irq"),
    SOFTIRQ("softirq"),
    STEAL("steal"),
    GUEST("guest"),
    GUEST_NICE("guestNice");

    private final String told;

    State(String told) {
      this.told = told;
    }

    /// Its name in provenance.
    public String told() {
      return told;
    }
  }

  public ProcessorTimes {
    hundredths = List.copyOf(hundredths);
    if (hundredths.size() != State.values().length) {
      throw new IllegalArgumentException("one time of each state is wanted, not " + hundredths);
    }
  }

  /// Reads the line `cpu …` of `/proc/stat`; old kernels do not know the last states.
  static Optional<ProcessorTimes> parse(String line) {
    List<Long> times = new ArrayList<>();
    try {
      for (String field : line.substring("cpu".length()).strip().split(" +")) {
        times.add(Long.parseLong(field));
      }
    } catch (NumberFormatException unknown) {
      return Optional.empty();
    }
    while (times.size() < State.values().length) {
      times.add(0L);
    }
    return Optional.of(new ProcessorTimes(times.subList(0, State.values().length)));
  }

  public double seconds(State state) {
    return hundredths.get(state.ordinal()) / 100.0;
  }

  /// What was done after that.
  public ProcessorTimes since(ProcessorTimes earlier) {
    List<Long> times = new ArrayList<>();
    for (int i = 0; i < hundredths.size(); i++) {
      times.add(hundredths.get(i) - earlier.hundredths.get(i));
    }
    return new ProcessorTimes(times);
  }
}
