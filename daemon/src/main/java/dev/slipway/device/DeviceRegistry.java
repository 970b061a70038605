package dev.slipway.device;

import dev.slipway.device.DeviceFile.Described;
import dev.slipway.executor.DeviceEdits;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.NotFound;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The devices that specification files describe. Immutable; the files are read at each call.
///
/// @param directories of specifications, later ones win over earlier ones; absent ones are empty
/// @param autoAllowed names and kinds that builds may have without asking
public record DeviceRegistry(List<Path> directories, Set<String> autoAllowed) {
  /// No devices at all.
  public static final DeviceRegistry EMPTY = new DeviceRegistry(List.of(), Set.of());

  private static final Logger LOG = LoggerFactory.getLogger(DeviceRegistry.class);
  private static final String CLASS = "org.mobyproject.buildkit.device.class";
  private static final String AUTO_ALLOW = "org.mobyproject.buildkit.device.autoallow";
  private static final long MAX_FILE_BYTES = 4 << 20;

  public DeviceRegistry {
    directories = List.copyOf(directories);
    autoAllowed = Set.copyOf(autoAllowed);
  }

  private record Entry(DeviceFile file, Described device) {}

  /// All devices, by name.
  public List<KnownDevice> all() {
    List<KnownDevice> all = new ArrayList<>();
    entries().forEach((name, entry) -> all.add(known(name, entry)));
    return all;
  }

  /// The names of the devices that a request means (BuildKit v0.32.2,
  /// `solver/llbsolver/cdidevices`): one by `vendor/class=name`, the first by `vendor/class`, all
  /// by `vendor/class=*`, or all of a class that annotations name.
  ///
  /// @return empty when there is no such device
  public List<String> find(String wanted) {
    SortedMap<String, Entry> entries = entries();
    int equals = wanted.indexOf('=');
    String kind = equals < 0 ? wanted : wanted.substring(0, equals);
    String name = equals < 0 ? "" : wanted.substring(equals + 1);
    List<String> found = new ArrayList<>();
    if (kind.indexOf('/') > 0) {
      List<String> ofKind =
          entries.keySet().stream().filter(each -> each.startsWith(kind + "=")).toList();
      found.addAll(
          switch (name) {
            case "" -> ofKind.stream().limit(1).toList();
            case "*" -> ofKind;
            default -> ofKind.stream().filter(wanted::equals).toList();
          });
    }
    if (found.isEmpty()) {
      entries.forEach(
          (each, entry) -> {
            if (wanted.equals(entry.device().annotations().get(CLASS))) {
              found.add(each);
            }
          });
    }
    return found;
  }

  /// As [#find], for a device that has to be there.
  ///
  /// @throws NotFound it is not
  public List<String> require(String wanted) {
    List<String> found = find(wanted);
    if (found.isEmpty()) {
      throw new NotFound("required device \"" + wanted + "\" is not registered");
    }
    return found;
  }

  public boolean isAutoAllowed(String name) {
    return Optional.ofNullable(entries().get(name))
        .map(entry -> known(name, entry).autoAllowed())
        .orElse(false);
  }

  /// What giving these devices changes: what their files say once, then each device's own.
  ///
  /// @param names as [#find] gives them
  public DeviceEdits edits(Set<String> names) {
    SortedMap<String, Entry> entries = entries();
    List<DeviceEdits> parts = new ArrayList<>();
    Set<DeviceFile> files = new HashSet<>();
    for (String name : new LinkedHashSet<>(names)) {
      Entry entry = entries.get(name);
      if (entry == null) {
        throw new NotFound("required device \"" + name + "\" is not registered");
      }
      if (files.add(entry.file())) {
        parts.add(entry.file().edits());
      }
      parts.add(entry.device().edits());
    }
    return new DeviceEdits(
        parts.stream().flatMap(part -> part.environment().stream()).toList(),
        parts.stream().flatMap(part -> part.nodes().stream()).toList(),
        parts.stream().flatMap(part -> part.mounts().stream()).toList(),
        parts.stream().flatMap(part -> part.hooks().stream()).toList(),
        parts.stream().flatMap(part -> part.groups().stream()).distinct().toList());
  }

  private KnownDevice known(String name, Entry entry) {
    Map<String, String> annotations = entry.device().annotations();
    boolean allowed =
        autoAllowed.contains(name)
            || autoAllowed.contains(entry.file().kind())
            || annotations.getOrDefault(AUTO_ALLOW, "").matches("1|t|T|true|True|TRUE");
    return new KnownDevice(name, allowed, annotations);
  }

  private SortedMap<String, Entry> entries() {
    SortedMap<String, Entry> all = new TreeMap<>();
    for (Path directory : directories) {
      all.putAll(entries(directory));
    }
    return all;
  }

  /// Two files of one directory that describe the same device contradict each other: it is none.
  private static Map<String, Entry> entries(Path directory) {
    Map<String, Entry> entries = new HashMap<>();
    Set<String> contradicted = new HashSet<>();
    for (DeviceFile file : files(directory)) {
      file.devices()
          .forEach(
              (name, device) -> {
                String full = file.kind() + "=" + name;
                if (entries.put(full, new Entry(file, device)) != null) {
                  contradicted.add(full);
                }
              });
    }
    contradicted.forEach(entries::remove);
    return entries;
  }

  private static List<DeviceFile> files(Path directory) {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    List<DeviceFile> files = new ArrayList<>();
    try (Stream<Path> paths = Files.list(directory)) {
      for (Path path : paths.sorted().toList()) {
        if (path.toString().matches(".*\\.(json|ya?ml)")) {
          read(path).ifPresent(files::add);
        }
      }
    } catch (IOException failed) {
      LOG.warn("cannot read device specifications in {}: {}", directory, failed.toString());
    }
    return files;
  }

  /// A file that makes no sense describes nothing; it must not take the others with it.
  private static Optional<DeviceFile> read(Path path) {
    try {
      if (Files.size(path) > MAX_FILE_BYTES) {
        throw new InvalidRequest("larger than " + MAX_FILE_BYTES + " bytes");
      }
      return Optional.of(
          DeviceFile.parse(Files.readString(path), path.toString().endsWith(".json")));
    } catch (IOException | InvalidRequest unusable) {
      LOG.warn("device specification {} is left out: {}", path, unusable.getMessage());
      return Optional.empty();
    }
  }
}
