package dev.slipway.registry;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What the operator says about registries.
///
/// @param hosts by host as in image names (`docker.io`, `localhost:5000`); mirrors have entries of
///   their own
/// @param maxTransfersPerHost blobs moved at the same time from or to one host
/// @param proxies through which hosts are reached
public record RegistryConfig(
    Map<String, HostConfig> hosts, int maxTransfersPerHost, EnvironmentProxies proxies) {
  /// No special registry; four transfers a host, as BuildKit's `maxRegistryConcurrency`.
  public static final RegistryConfig DEFAULT = new RegistryConfig(Map.of(), 4);

  public RegistryConfig {
    hosts = Map.copyOf(hosts);
  }

  /// Without proxies.
  public RegistryConfig(Map<String, HostConfig> hosts, int maxTransfersPerHost) {
    this(hosts, maxTransfersPerHost, EnvironmentProxies.of(Map.of()));
  }

  /// @param mirrors asked first, in this order, as `host[/path]`
  /// @param http plain HTTP; empty: only for this machine itself
  /// @param insecure certificates are not checked; with `http` plain HTTP is the fallback
  /// @param ca files of certificates to trust besides the system's
  /// @param keyPairs certificates to show
  /// @param certificateFolders more of both, as Docker keeps them for a registry: `*.crt` to trust,
  ///   `NAME.cert` to show with `NAME.key`
  public record HostConfig(
      List<String> mirrors,
      Optional<Boolean> http,
      boolean insecure,
      List<Path> ca,
      List<KeyPair> keyPairs,
      List<Path> certificateFolders) {
    public static final HostConfig DEFAULT =
        new HostConfig(List.of(), Optional.empty(), false, List.of(), List.of(), List.of());

    public HostConfig {
      mirrors = List.copyOf(mirrors);
      ca = List.copyOf(ca);
      keyPairs = List.copyOf(keyPairs);
      certificateFolders = List.copyOf(certificateFolders);
    }

    /// TLS with any certificate, and plain HTTP where there is no TLS.
    public HostConfig asInsecure() {
      return new HostConfig(mirrors, Optional.of(true), true, ca, keyPairs, certificateFolders);
    }

    /// Only what its TLS needs, whatever is said of mirrors and HTTP.
    HostConfig onlyTls() {
      return new HostConfig(
          List.of(), Optional.empty(), insecure, ca, keyPairs, certificateFolders);
    }

    boolean hasOwnTls() {
      return insecure || !ca.isEmpty() || !keyPairs.isEmpty() || !certificateFolders.isEmpty();
    }
  }

  /// PEM files.
  public record KeyPair(Path key, Path certificate) {}
}
