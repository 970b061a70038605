package dev.slipway.app;

import dev.slipway.config.DaemonConfig;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Shows a configuration as its tree of records, one value a line.
final class ConfigPrinter {
  private final List<String> lines = new ArrayList<>();

  private ConfigPrinter() {}

  static String print(DaemonConfig config) {
    ConfigPrinter printer = new ConfigPrinter();
    printer.record("", config);
    return String.join("\n", printer.lines) + "\n";
  }

  private void record(String prefix, Record record) {
    for (RecordComponent component : record.getClass().getRecordComponents()) {
      String name = prefix.isEmpty() ? component.getName() : prefix + "." + component.getName();
      try {
        value(name, component.getAccessor().invoke(record));
      } catch (IllegalAccessException | InvocationTargetException impossible) {
        throw new IllegalStateException(impossible);
      }
    }
  }

  private void value(String name, Object value) {
    switch (value) {
      case Optional<?> optional -> value(name, optional.isPresent() ? optional.get() : "(not set)");
      case Map<?, ?> map ->
          new TreeMap<>(map).forEach((key, inner) -> value(name + ".\"" + key + "\"", inner));
      case dev.slipway.config.DiskSpace space -> lines.add(name + " = " + space);
      case Record inner -> record(name, inner);
      default -> lines.add(name + " = " + value);
    }
  }
}
