package dev.slipway.frontend.gateway;

import dev.slipway.llb.ExecMeta.HostIp;
import dev.slipway.llb.ExecOp.NetworkMode;
import dev.slipway.llb.Mount;
import dev.slipway.oci.Platform;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// The interactive containers of one build, by the ids that their maker chose. Thread-safe.
public interface GatewayContainers {
  /// Takes up what a container needs; nothing runs in it yet. It stays until it is released or the
  /// build ends.
  ///
  /// @throws dev.slipway.failure.AlreadyExists there is one of that id
  /// @throws dev.slipway.failure.NotFound a mount names a result that this build does not have
  void open(Request request);

  Optional<GatewayContainer> find(String id);

  /// Kills what runs in it and gives it up.
  ///
  /// @throws dev.slipway.failure.NotFound there is none of that id
  /// @throws dev.slipway.failure.Cancelled it is released, and processes were killed by that
  void release(String id);

  /// @param mounts what they show is named by their result ids: results of the build, or states
  ///   that a failed op left; none means an empty tree
  /// @param platform empty: this machine's
  /// @param hostname empty: the default one
  /// @param shared directories of this machine that it may read
  record Request(
      String id,
      List<Mount> mounts,
      NetworkMode network,
      Optional<Platform> platform,
      List<HostIp> extraHosts,
      String hostname,
      List<SharedDirectory> shared) {
    public Request {
      mounts = List.copyOf(mounts);
      extraHosts = List.copyOf(extraHosts);
      shared = List.copyOf(shared);
    }
  }

  /// @param destination absolute in the container
  /// @param source absolute on this machine; stays until the container is released
  record SharedDirectory(String destination, Path source) {}
}
