package dev.slipway.config;

import dev.slipway.config.CommandLine.Flag;
import dev.slipway.config.CommandLine.Kind;
import java.util.List;

/// Every flag of buildkitd v0.32.2 (surface reference 9.2) and which key it sets.
final class FlagTable {
  private FlagTable() {}

  static List<Flag> all() {
    return List.of(
        new Flag(
            "config",
            Kind.TEXT,
            "",
            "FILE",
            "configuration file (default /etc/buildkit/buildkitd.toml)"),
        new Flag("debug", Kind.SWITCH, "debug", "", "log debug messages"),
        new Flag("trace", Kind.SWITCH, "trace", "", ""),
        new Flag("root", Kind.TEXT, "root", "DIR", "state directory (default /var/lib/buildkit)"),
        new Flag(
            "addr",
            Kind.LIST,
            "grpc.address",
            "ADDR",
            "listen on unix:///path, tcp://host:port or fd://; repeatable"),
        new Flag("log-format", Kind.TEXT, "log.format", "FORMAT", "text or json"),
        new Flag("log-level", Kind.TEXT, "log.level", "LEVEL", "error, warn, info, debug or trace"),
        new Flag(
            "group", Kind.TEXT, "grpc.group", "GROUP", "group (name or id) that owns unix sockets"),
        new Flag(
            "debugaddr",
            Kind.TEXT,
            "grpc.debugAddress",
            "ADDR",
            "serve debugging information there"),
        new Flag("tlscert", Kind.TEXT, "grpc.tls.cert", "FILE", "certificate of TCP listeners"),
        new Flag("tlskey", Kind.TEXT, "grpc.tls.key", "FILE", "key of TCP listeners"),
        new Flag(
            "tlscacert",
            Kind.TEXT,
            "grpc.tls.ca",
            "FILE",
            "authority that must have signed clients' certificates"),
        new Flag(
            "allow-insecure-entitlement",
            Kind.LIST,
            "insecure-entitlements",
            "NAME",
            "grant network.host, security.insecure or device to builds that ask; repeatable"),
        new Flag(
            "proxy-network",
            Kind.SWITCH,
            "proxyNetwork",
            "",
            "force the proxied network on every build"),
        new Flag(
            "otel-socket-path",
            Kind.TEXT,
            "otel.socketPath",
            "PATH",
            "socket that takes traces of steps"),
        new Flag("cdi-disabled", Kind.SWITCH, "cdi.disabled", "", "no Container Device Interface"),
        new Flag(
            "cdi-spec-dir",
            Kind.LIST,
            "cdi.specDirs",
            "DIR",
            "directory with CDI specifications; repeatable"),
        new Flag(
            "save-cache-debug",
            Kind.SWITCH,
            "saveCacheDebug",
            "",
            "record what cache digests are made of"),
        new Flag(
            "rootless", Kind.SWITCH, "worker.oci.rootless", "", "defaults for rootless operation"),
        new Flag(
            "oci-worker",
            Kind.SWITCH_OR_AUTO,
            "worker.oci.enabled",
            "BOOL",
            "run steps here: true, false or auto"),
        new Flag(
            "oci-worker-labels",
            Kind.LABELS,
            "worker.oci.labels",
            "NAME=VALUE",
            "label of the worker; repeatable"),
        new Flag(
            "oci-worker-snapshotter",
            Kind.TEXT,
            "worker.oci.snapshotter",
            "NAME",
            "overlayfs, native or auto"),
        new Flag(
            "oci-worker-proxy-snapshotter-path",
            Kind.TEXT,
            "worker.oci.proxySnapshotterPath",
            "PATH",
            ""),
        new Flag(
            "oci-worker-platform",
            Kind.LIST,
            "worker.oci.platforms",
            "PLATFORM",
            "announce this platform instead of the detected ones; repeatable"),
        new Flag(
            "oci-worker-net",
            Kind.TEXT,
            "worker.oci.networkMode",
            "MODE",
            "network of steps: auto, bridge, cni or host"),
        new Flag(
            "oci-cni-config-path",
            Kind.TEXT,
            "worker.oci.cniConfigPath",
            "FILE",
            "CNI configuration"),
        new Flag(
            "oci-cni-binary-dir", Kind.TEXT, "worker.oci.cniBinaryPath", "DIR", "CNI plug-ins"),
        new Flag(
            "oci-cni-pool-size",
            Kind.NUMBER,
            "worker.oci.cniPoolSize",
            "N",
            "network namespaces made ahead"),
        new Flag(
            "oci-worker-binary",
            Kind.TEXT,
            "worker.oci.binary",
            "PROGRAM",
            "OCI runtime (default: runc or crun, probed)"),
        new Flag(
            "oci-worker-apparmor-profile",
            Kind.TEXT,
            "worker.oci.apparmor-profile",
            "NAME",
            "AppArmor profile of steps"),
        new Flag(
            "oci-worker-selinux", Kind.SWITCH, "worker.oci.selinux", "", "label steps for SELinux"),
        new Flag(
            "oci-max-parallelism", Kind.NUMBER, "worker.oci.max-parallelism", "N", "steps at once"),
        new Flag("oci-worker-rootless", Kind.SWITCH, "worker.oci.rootless", "", ""),
        new Flag(
            "oci-worker-no-process-sandbox",
            Kind.SWITCH,
            "worker.oci.noProcessSandbox",
            "",
            "steps share the host's processes"),
        new Flag(
            "oci-worker-gc",
            Kind.SWITCH,
            "worker.oci.gc",
            "",
            "collect old cache records (default true)"),
        new Flag(
            "oci-worker-gc-keepstorage",
            Kind.KEEP_STORAGE,
            "worker.oci",
            "R[,F[,M]]",
            "MB (or %) reserved for the cache, kept free on the disk, used at most"),
        new Flag("containerd-worker", Kind.SWITCH_OR_AUTO, "worker.containerd.enabled", "BOOL", ""),
        new Flag("containerd-worker-addr", Kind.TEXT_WITHOUT_EFFECT, "", "", ""),
        new Flag("containerd-worker-labels", Kind.TEXT_WITHOUT_EFFECT, "", "", ""),
        new Flag("containerd-worker-platform", Kind.TEXT_WITHOUT_EFFECT, "", "", ""),
        new Flag("containerd-worker-namespace", Kind.TEXT_WITHOUT_EFFECT, "", "", ""),
        new Flag("containerd-worker-runtime", Kind.TEXT_WITHOUT_EFFECT, "", "", ""),
        new Flag("containerd-worker-net", Kind.TEXT_WITHOUT_EFFECT, "", "", ""),
        new Flag("containerd-cni-config-path", Kind.TEXT_WITHOUT_EFFECT, "", "", ""),
        new Flag("containerd-cni-binary-dir", Kind.TEXT_WITHOUT_EFFECT, "", "", ""),
        new Flag("containerd-cni-pool-size", Kind.TEXT_WITHOUT_EFFECT, "", "", ""),
        new Flag("containerd-worker-snapshotter", Kind.TEXT_WITHOUT_EFFECT, "", "", ""),
        new Flag("containerd-worker-apparmor-profile", Kind.TEXT_WITHOUT_EFFECT, "", "", ""),
        new Flag("containerd-worker-selinux", Kind.SWITCH_WITHOUT_EFFECT, "", "", ""),
        new Flag("containerd-max-parallelism", Kind.TEXT_WITHOUT_EFFECT, "", "", ""),
        new Flag("containerd-worker-rootless", Kind.SWITCH_WITHOUT_EFFECT, "", "", ""),
        new Flag("containerd-worker-gc", Kind.SWITCH_WITHOUT_EFFECT, "", "", ""),
        new Flag("containerd-worker-gc-keepstorage", Kind.TEXT_WITHOUT_EFFECT, "", "", ""));
  }
}
