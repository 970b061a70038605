package dev.slipway.llb;

import java.util.List;
import java.util.Optional;

/// The process of an [ExecOp].
///
/// @param args not empty
/// @param env `NAME=value`, order counts
/// @param cwd path in the root mount
/// @param user name or id, with `:group` when wanted; empty is root
/// @param hostname empty: the default one
/// @param cgroupParent empty: the daemon's own
/// @param validExitCodes exit codes that mean success; empty means zero only
public record ExecMeta(
    List<String> args,
    List<String> env,
    String cwd,
    String user,
    Optional<ProxyEnv> proxyEnv,
    List<HostIp> extraHosts,
    String hostname,
    List<Ulimit> ulimits,
    String cgroupParent,
    boolean removeMountStubsRecursive,
    List<Integer> validExitCodes) {
  public ExecMeta {
    args = List.copyOf(args);
    env = List.copyOf(env);
    extraHosts = List.copyOf(extraHosts);
    ulimits = List.copyOf(ulimits);
    validExitCodes = List.copyOf(validExitCodes);
  }

  /// A process with nothing but arguments, environment and directory, as the builder makes it.
  public static ExecMeta of(List<String> args, List<String> env, String cwd) {
    return new ExecMeta(
        args, env, cwd, "", Optional.empty(), List.of(), "", List.of(), "", true, List.of());
  }

  public ExecMeta withEnv(List<String> newEnv) {
    return new ExecMeta(
        args,
        newEnv,
        cwd,
        user,
        proxyEnv,
        extraHosts,
        hostname,
        ulimits,
        cgroupParent,
        removeMountStubsRecursive,
        validExitCodes);
  }

  public ExecMeta withUser(String newUser) {
    return new ExecMeta(
        args,
        env,
        cwd,
        newUser,
        proxyEnv,
        extraHosts,
        hostname,
        ulimits,
        cgroupParent,
        removeMountStubsRecursive,
        validExitCodes);
  }

  public ExecMeta withProxyEnv(ProxyEnv proxy) {
    return new ExecMeta(
        args,
        env,
        cwd,
        user,
        Optional.of(proxy),
        extraHosts,
        hostname,
        ulimits,
        cgroupParent,
        removeMountStubsRecursive,
        validExitCodes);
  }

  public ExecMeta withExtraHosts(List<HostIp> hosts) {
    return new ExecMeta(
        args,
        env,
        cwd,
        user,
        proxyEnv,
        hosts,
        hostname,
        ulimits,
        cgroupParent,
        removeMountStubsRecursive,
        validExitCodes);
  }

  public ExecMeta withHostname(String name) {
    return new ExecMeta(
        args,
        env,
        cwd,
        user,
        proxyEnv,
        extraHosts,
        name,
        ulimits,
        cgroupParent,
        removeMountStubsRecursive,
        validExitCodes);
  }

  public ExecMeta withUlimits(List<Ulimit> limits) {
    return new ExecMeta(
        args,
        env,
        cwd,
        user,
        proxyEnv,
        extraHosts,
        hostname,
        limits,
        cgroupParent,
        removeMountStubsRecursive,
        validExitCodes);
  }

  public ExecMeta withCgroupParent(String parent) {
    return new ExecMeta(
        args,
        env,
        cwd,
        user,
        proxyEnv,
        extraHosts,
        hostname,
        ulimits,
        parent,
        removeMountStubsRecursive,
        validExitCodes);
  }

  public ExecMeta withValidExitCodes(List<Integer> codes) {
    return new ExecMeta(
        args,
        env,
        cwd,
        user,
        proxyEnv,
        extraHosts,
        hostname,
        ulimits,
        cgroupParent,
        removeMountStubsRecursive,
        codes);
  }

  /// Empty texts mean unset.
  public record ProxyEnv(
      String httpProxy, String httpsProxy, String ftpProxy, String noProxy, String allProxy) {}

  /// A line of `/etc/hosts`.
  public record HostIp(String host, String ip) {}

  /// -1 means unlimited.
  public record Ulimit(String name, long soft, long hard) {}
}
