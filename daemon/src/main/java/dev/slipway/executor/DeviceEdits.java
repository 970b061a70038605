package dev.slipway.executor;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// What the devices given to a container change about it (CDI specification, "Container edits").
///
/// @param environment `NAME=value`
/// @param groups additional groups of its processes
public record DeviceEdits(
    List<String> environment,
    List<Node> nodes,
    List<HostMount> mounts,
    List<Hook> hooks,
    List<Long> groups) {
  public static final DeviceEdits NONE =
      new DeviceEdits(List.of(), List.of(), List.of(), List.of(), List.of());

  public DeviceEdits {
    environment = List.copyOf(environment);
    nodes = List.copyOf(nodes);
    mounts = List.copyOf(mounts);
    hooks = List.copyOf(hooks);
    groups = List.copyOf(groups);
  }

  public boolean isEmpty() {
    return equals(NONE);
  }

  /// A device node. What is absent is as the host's node has it.
  ///
  /// @param path in the container
  /// @param hostPath whose node it is
  /// @param type `c`, `b`, `u` or `p`; empty when absent
  /// @param permissions of the device cgroup: some of `rwm`
  public record Node(
      String path,
      String hostPath,
      String type,
      OptionalLong major,
      OptionalLong minor,
      OptionalInt mode,
      String permissions,
      OptionalLong uid,
      OptionalLong gid) {}

  /// @param type of the file system; empty for a bind mount
  public record HostMount(
      String hostPath, String containerPath, String type, List<String> options) {
    public HostMount {
      options = List.copyOf(options);
    }
  }

  /// A program that the runtime runs on the host.
  ///
  /// @param name when: `createRuntime`, `createContainer`, …
  public record Hook(
      String name,
      String path,
      List<String> arguments,
      List<String> environment,
      Optional<Integer> timeoutSeconds) {
    public Hook {
      arguments = List.copyOf(arguments);
      environment = List.copyOf(environment);
    }
  }
}
