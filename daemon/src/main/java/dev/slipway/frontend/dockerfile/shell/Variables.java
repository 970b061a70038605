package dev.slipway.frontend.dockerfile.shell;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/// Variables by name, in the order in which they were last set: setting one again moves it to the
/// end, which is the order the process of a step sees them in.
public final class Variables {
  private static final Variables NONE = new Variables(new LinkedHashMap<>());

  private final SequencedMap<String, String> values;

  private Variables(SequencedMap<String, String> values) {
    this.values = values;
  }

  public static Variables none() {
    return NONE;
  }

  /// From `NAME=value` entries; an entry without `=` has the empty value.
  public static Variables parse(List<String> entries) {
    SequencedMap<String, String> values = new LinkedHashMap<>();
    for (String entry : entries) {
      int equals = entry.indexOf('=');
      values.putLast(
          equals < 0 ? entry : entry.substring(0, equals),
          equals < 0 ? "" : entry.substring(equals + 1));
    }
    return new Variables(values);
  }

  public Variables with(String name, String value) {
    SequencedMap<String, String> changed = new LinkedHashMap<>(values);
    changed.putLast(name, value);
    return new Variables(changed);
  }

  public Variables without(String name) {
    SequencedMap<String, String> changed = new LinkedHashMap<>(values);
    changed.remove(name);
    return new Variables(changed);
  }

  public Optional<String> find(String name) {
    return Optional.ofNullable(values.get(name));
  }

  public List<String> names() {
    return List.copyOf(values.keySet());
  }

  public Map<String, String> asMap() {
    return Collections.unmodifiableMap(values);
  }

  /// `NAME=value` entries.
  public List<String> entries() {
    List<String> entries = new ArrayList<>(values.size());
    values.forEach((name, value) -> entries.add(name + "=" + value));
    return entries;
  }
}
