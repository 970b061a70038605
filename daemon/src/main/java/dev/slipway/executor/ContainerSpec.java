package dev.slipway.executor;

import dev.slipway.oci.Platform;
import dev.slipway.snapshot.Mount;
import java.util.List;
import java.util.Optional;

/// What surrounds a process: its root, mounts, network, limits.
///
/// @param id unique, letters and digits; names the container to the runtime
/// @param platform what the root's programs are built for; decides whether an emulator is needed
/// @param root how to mount the root filesystem
/// @param rootReadOnly processes cannot write into the root
/// @param mounts on top of the defaults, in order of the definition (the executor sorts them by
///   depth)
/// @param hostname empty: `buildkitsandbox`
/// @param devices what the devices given to it change
/// @param proxy the only way to the network, where there is to be only one; counts for nothing when
///   there is no network
public record ContainerSpec(
    String id,
    Platform platform,
    List<Mount> root,
    boolean rootReadOnly,
    List<ContainerMount> mounts,
    String hostname,
    List<ExtraHost> extraHosts,
    Network network,
    Security security,
    List<ResourceLimit> limits,
    Optional<String> cgroupParent,
    LinuxResources resources,
    DeviceEdits devices,
    MountStubs mountStubs,
    Optional<NetworkProxy> proxy) {
  public ContainerSpec {
    root = List.copyOf(root);
    mounts = List.copyOf(mounts);
    extraHosts = List.copyOf(extraHosts);
    limits = List.copyOf(limits);
  }

  /// A container that reaches the network as its kind says, not through a proxy.
  public ContainerSpec(
      String id,
      Platform platform,
      List<Mount> root,
      boolean rootReadOnly,
      List<ContainerMount> mounts,
      String hostname,
      List<ExtraHost> extraHosts,
      Network network,
      Security security,
      List<ResourceLimit> limits,
      Optional<String> cgroupParent,
      LinuxResources resources,
      DeviceEdits devices,
      MountStubs mountStubs) {
    this(
        id,
        platform,
        root,
        rootReadOnly,
        mounts,
        hostname,
        extraHosts,
        network,
        security,
        limits,
        cgroupParent,
        resources,
        devices,
        mountStubs,
        Optional.empty());
  }

  public ContainerSpec withMounts(List<ContainerMount> others) {
    return new ContainerSpec(
        id,
        platform,
        root,
        rootReadOnly,
        others,
        hostname,
        extraHosts,
        network,
        security,
        limits,
        cgroupParent,
        resources,
        devices,
        mountStubs,
        proxy);
  }

  public ContainerSpec withProxy(Optional<NetworkProxy> other) {
    return new ContainerSpec(
        id,
        platform,
        root,
        rootReadOnly,
        mounts,
        hostname,
        extraHosts,
        network,
        security,
        limits,
        cgroupParent,
        resources,
        devices,
        mountStubs,
        other);
  }

  /// @param destination absolute in the container
  /// @param source what is mounted there
  /// @param selector path inside the source that is mounted instead of its root (resolved inside
  ///   the source, links never lead out); empty for the root
  public record ContainerMount(
      String destination, List<Mount> source, String selector, boolean readOnly) {
    public ContainerMount {
      source = List.copyOf(source);
    }
  }

  public record ExtraHost(String host, String address) {}

  public enum Network {
    /// The worker's default for steps.
    SANDBOX,
    HOST,
    NONE
  }

  public enum Security {
    SANDBOX,
    INSECURE
  }

  /// @param name as in ulimit configuration: `nofile`, `core`, …
  public record ResourceLimit(String name, long soft, long hard) {}

  /// Zero or empty means unset.
  public record LinuxResources(
      long memoryBytes,
      long memorySwapBytes,
      long cpuShares,
      long cpuPeriod,
      long cpuQuota,
      String cpusetCpus,
      String cpusetMems) {
    public static final LinuxResources UNLIMITED = new LinuxResources(0, 0, 0, 0, 0, "", "");
  }

  /// What happens after the run to empty files and directories made to mount on.
  public enum MountStubs {
    REMOVE,
    REMOVE_RECURSIVELY
  }
}
