package dev.slipway.llb;

import dev.slipway.llb.ExecOp.CdiDevice;
import dev.slipway.llb.ExecOp.NetworkMode;
import dev.slipway.llb.ExecOp.SecurityMode;
import dev.slipway.llb.Mount.CacheOptions;
import dev.slipway.llb.Mount.ContentCache;
import dev.slipway.llb.Mount.TmpfsOptions;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// A process to run on a state: what [State#run(ExecSpec, Constraints)] makes an [ExecOp] of.
///
/// @param mounts besides the root
/// @param readonlyRoot the root is not changed, and is no output
public record ExecSpec(
    ExecMeta meta,
    List<MountSpec> mounts,
    List<SecretSpec> secrets,
    List<SshSpec> ssh,
    NetworkMode network,
    SecurityMode security,
    List<CdiDevice> devices,
    boolean readonlyRoot) {
  public ExecSpec {
    mounts = List.copyOf(mounts);
    secrets = List.copyOf(secrets);
    ssh = List.copyOf(ssh);
    devices = List.copyOf(devices);
  }

  public static ExecSpec of(ExecMeta meta) {
    return new ExecSpec(
        meta,
        List.of(),
        List.of(),
        List.of(),
        NetworkMode.SANDBOX,
        SecurityMode.SANDBOX,
        List.of(),
        false);
  }

  public ExecSpec withMount(MountSpec mount) {
    return new ExecSpec(
        meta, plus(mounts, mount), secrets, ssh, network, security, devices, readonlyRoot);
  }

  public ExecSpec withSecret(SecretSpec secret) {
    return new ExecSpec(
        meta, mounts, plus(secrets, secret), ssh, network, security, devices, readonlyRoot);
  }

  public ExecSpec withSsh(SshSpec agent) {
    return new ExecSpec(
        meta, mounts, secrets, plus(ssh, agent), network, security, devices, readonlyRoot);
  }

  public ExecSpec withNetwork(NetworkMode mode) {
    return new ExecSpec(meta, mounts, secrets, ssh, mode, security, devices, readonlyRoot);
  }

  public ExecSpec withSecurity(SecurityMode mode) {
    return new ExecSpec(meta, mounts, secrets, ssh, network, mode, devices, readonlyRoot);
  }

  public ExecSpec withDevice(CdiDevice device) {
    return new ExecSpec(
        meta, mounts, secrets, ssh, network, security, plus(devices, device), readonlyRoot);
  }

  public ExecSpec withReadonlyRoot() {
    return new ExecSpec(meta, mounts, secrets, ssh, network, security, devices, true);
  }

  private static <T> List<T> plus(List<T> list, T more) {
    return Stream.concat(list.stream(), Stream.of(more)).toList();
  }

  /// @param source what is seen at the target; scratch for an empty directory
  /// @param selector sub-path of the source; empty is all of it
  /// @param cache present: a directory that outlives the build, on top of the source
  /// @param tmpfs present: memory; the source must be scratch
  /// @param noOutput what is written is thrown away
  public record MountSpec(
      String target,
      State source,
      boolean readonly,
      String selector,
      Optional<CacheOptions> cache,
      Optional<TmpfsOptions> tmpfs,
      boolean noOutput,
      ContentCache contentCache) {
    public static MountSpec bind(String target, State source) {
      return new MountSpec(
          target,
          source,
          false,
          "",
          Optional.empty(),
          Optional.empty(),
          false,
          ContentCache.DEFAULT);
    }

    public static MountSpec cache(String target, State source, CacheOptions options) {
      return new MountSpec(
          target,
          source,
          false,
          "",
          Optional.of(options),
          Optional.empty(),
          false,
          ContentCache.DEFAULT);
    }

    public static MountSpec tmpfs(String target, long size) {
      return new MountSpec(
          target,
          State.scratch(),
          false,
          "",
          Optional.empty(),
          Optional.of(new TmpfsOptions(size)),
          false,
          ContentCache.DEFAULT);
    }

    public MountSpec asReadonly() {
      return new MountSpec(target, source, true, selector, cache, tmpfs, noOutput, contentCache);
    }

    public MountSpec withSelector(String path) {
      return new MountSpec(target, source, readonly, path, cache, tmpfs, noOutput, contentCache);
    }

    public MountSpec withoutOutput() {
      return new MountSpec(target, source, readonly, selector, cache, tmpfs, true, contentCache);
    }

    public MountSpec withContentCache(ContentCache mode) {
      return new MountSpec(target, source, readonly, selector, cache, tmpfs, noOutput, mode);
    }

    boolean isOutput() {
      return !noOutput && !readonly && cache.isEmpty() && tmpfs.isEmpty();
    }
  }

  /// A secret as a file, an environment variable, or both.
  ///
  /// @param file permissions of the file, and the secret's id
  public record SecretSpec(
      Optional<String> target, Optional<String> variable, Mount.FileOptions file) {}

  /// @param target path of the socket; empty: one is chosen
  public record SshSpec(Optional<String> target, Mount.FileOptions file) {}
}
