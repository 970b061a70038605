package dev.slipway.provenance;

import dev.slipway.usage.MachineSample;
import dev.slipway.usage.MachineSample.Memory;
import dev.slipway.usage.Pressure;
import dev.slipway.usage.ProcessorTimes;
import dev.slipway.usage.StepSample;
import dev.slipway.usage.StepUsage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;

/// What was used, with the members of BuildKit v0.32.2 (`executor/resources/types`) in the order in
/// which it writes them: sorted where they are of a step, as all of its steps is.
final class UsageJson {
  private UsageJson() {}

  static Object of(StepUsage usage) {
    SequencedMap<String, Object> json = new LinkedHashMap<>();
    if (!usage.samples().isEmpty()) {
      List<Object> samples = new ArrayList<>();
      usage.samples().forEach(sample -> samples.add(sample(sample)));
      json.put("samples", samples);
    }
    usage.machine().ifPresent(times -> json.put("sysCPUStat", times(times)));
    return sorted(json);
  }

  private static Object sorted(Object value) {
    return switch (value) {
      case Map<?, ?> map -> {
        TreeMap<String, Object> json = new TreeMap<>();
        map.forEach((name, member) -> json.put(String.valueOf(name), sorted(member)));
        yield json;
      }
      case List<?> list -> list.stream().map(UsageJson::sorted).toList();
      default -> value;
    };
  }

  private static Map<String, Object> sample(StepSample sample) {
    SequencedMap<String, Object> json = timed(sample.at());
    sample.groups().forEach((group, reading) -> json.put(group.told(), reading(reading)));
    return json;
  }

  private static Map<String, Object> reading(StepSample.Reading reading) {
    SequencedMap<String, Object> json = new LinkedHashMap<>();
    reading
        .counters()
        .forEach(
            (counter, value) -> {
              if (value != 0 || !counter.isSilentAtZero()) {
                json.put(counter.told(), value);
              }
            });
    reading.pressure().ifPresent(pressure -> json.put("pressure", pressure(pressure)));
    return json;
  }

  static Object of(MachineSample sample) {
    SequencedMap<String, Object> json = timed(sample.at());
    json.put("cpuStat", times(sample.processors()));
    SequencedMap<String, Object> processes = new LinkedHashMap<>();
    processes.put("contextSwitches", sample.activity().contextSwitches());
    processes.put("processCreated", sample.activity().processesCreated());
    processes.put("processesRunning", sample.activity().processesRunning());
    json.put("procStat", processes);
    SequencedMap<String, Object> memory = new LinkedHashMap<>();
    for (Memory part : Memory.values()) {
      Long known = sample.memory().get(part);
      memory.put(part.told(), known == null ? Optional.empty() : known);
    }
    json.put("memoryStat", memory);
    sample
        .pressures()
        .ifPresent(
            pressures -> {
              json.put("cpuPressure", pressure(pressures.cpu()));
              json.put("memoryPressure", pressure(pressures.memory()));
              json.put("ioPressure", pressure(pressures.io()));
            });
    return json;
  }

  private static SequencedMap<String, Object> timed(Instant at) {
    SequencedMap<String, Object> json = new LinkedHashMap<>();
    json.put("timestamp", at.toString());
    return json;
  }

  private static Map<String, Object> times(ProcessorTimes times) {
    SequencedMap<String, Object> json = new LinkedHashMap<>();
    for (ProcessorTimes.State state : ProcessorTimes.State.values()) {
      json.put(state.told(), times.seconds(state));
    }
    return json;
  }

  private static Map<String, Object> pressure(Pressure pressure) {
    SequencedMap<String, Object> json = new LinkedHashMap<>();
    json.put("some", share(pressure.some()));
    json.put("full", share(pressure.full()));
    return json;
  }

  private static Object share(Optional<Pressure.Share> share) {
    if (share.isEmpty()) {
      return share;
    }
    SequencedMap<String, Object> json = new LinkedHashMap<>();
    json.put("avg10", share.get().avg10());
    json.put("avg60", share.get().avg60());
    json.put("avg300", share.get().avg300());
    json.put("total", share.get().total());
    return json;
  }
}
