package dev.slipway.workernative.runtime;

import static java.util.Objects.requireNonNull;

import dev.slipway.executor.ContainerUser;
import dev.slipway.executor.DeviceEdits;
import dev.slipway.failure.InvalidRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// Device nodes as the runtime makes them. What their description leaves open is as the host's node
/// has it.
final class DeviceNodes {
  private static final int TYPE = 0170000;
  private static final int CHARACTER = 0020000;
  private static final int BLOCK = 0060000;
  private static final int FIFO = 0010000;
  private static final int PERMISSIONS = 0777;

  private DeviceNodes() {}

  /// @throws InvalidRequest the host has no such device
  static List<DeviceEdits.Node> complete(List<DeviceEdits.Node> nodes) {
    return nodes.stream().map(DeviceNodes::complete).toList();
  }

  private static DeviceEdits.Node complete(DeviceEdits.Node node) {
    boolean told = !node.type().isEmpty() && (node.major().isPresent() || node.type().equals("p"));
    if (told) {
      return node;
    }
    try {
      Map<String, Object> found = Files.readAttributes(Path.of(node.hostPath()), "unix:mode,rdev");
      int mode = (Integer) requireNonNull(found.get("mode"));
      long device = (Long) requireNonNull(found.get("rdev"));
      return new DeviceEdits.Node(
          node.path(),
          node.hostPath(),
          node.type().isEmpty() ? type(mode, node) : node.type(),
          OptionalLong.of(node.major().orElse((device >>> 8 & 0xfff) | (device >>> 32 & ~0xfffL))),
          OptionalLong.of(
              node.minor().orElse((device & 0xff) | (device >>> 12 & ~0xffL & 0xffffffffL))),
          node.mode().isPresent() ? node.mode() : OptionalInt.of(mode & PERMISSIONS),
          node.permissions(),
          node.uid(),
          node.gid());
    } catch (IOException failed) {
      throw new InvalidRequest(
          "device " + node.path() + ": cannot look at " + node.hostPath() + ": " + failed, failed);
    }
  }

  private static String type(int mode, DeviceEdits.Node node) {
    return switch (mode & TYPE) {
      case CHARACTER -> "c";
      case BLOCK -> "b";
      case FIFO -> "p";
      default -> throw new InvalidRequest(node.hostPath() + " is no device");
    };
  }

  /// For `linux.devices`.
  static List<Object> nodes(List<DeviceEdits.Node> nodes, ContainerUser user) {
    List<Object> all = new ArrayList<>();
    for (DeviceEdits.Node node : nodes) {
      Map<String, Object> device = new LinkedHashMap<>();
      device.put("path", node.path());
      device.put("type", node.type());
      node.major().ifPresent(major -> device.put("major", major));
      node.minor().ifPresent(minor -> device.put("minor", minor));
      node.mode().ifPresent(mode -> device.put("fileMode", mode & PERMISSIONS));
      putOwner(device, "uid", node.uid(), user.uid());
      putOwner(device, "gid", node.gid(), user.gid());
      all.add(device);
    }
    return all;
  }

  /// A device whose owner is open belongs to the step's user.
  private static void putOwner(
      Map<String, Object> device, String name, OptionalLong told, long user) {
    long owner = told.orElse(user);
    if (told.isPresent() || owner > 0) {
      device.put(name, owner);
    }
  }

  /// For `linux.resources.devices`.
  static List<Object> rules(List<DeviceEdits.Node> nodes) {
    List<Object> all = new ArrayList<>();
    for (DeviceEdits.Node node : nodes) {
      if (node.type().equals("b") || node.type().equals("c")) {
        Map<String, Object> rule = new LinkedHashMap<>();
        rule.put("allow", true);
        rule.put("type", node.type());
        node.major().ifPresent(major -> rule.put("major", major));
        node.minor().ifPresent(minor -> rule.put("minor", minor));
        rule.put("access", node.permissions());
        all.add(rule);
      }
    }
    return all;
  }

  /// For `hooks`, by the moment they run at.
  static Map<String, Object> hooks(List<DeviceEdits.Hook> hooks) {
    Map<String, Object> byName = new LinkedHashMap<>();
    Map<String, List<Object>> lists = new LinkedHashMap<>();
    for (DeviceEdits.Hook hook : hooks) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("path", hook.path());
      one.put("args", hook.arguments());
      one.put("env", hook.environment());
      hook.timeoutSeconds().ifPresent(timeout -> one.put("timeout", timeout));
      lists.computeIfAbsent(hook.name(), _ -> new ArrayList<>()).add(one);
    }
    byName.putAll(lists);
    return byName;
  }
}
