package dev.slipway.registry;

import dev.slipway.oci.ImageReference;
import dev.slipway.registry.RegistryConfig.HostConfig;
import java.util.ArrayList;
import java.util.List;

/// One server that may have what a repository has.
///
/// @param scheme `https` or `http`
/// @param authority host with port
/// @param prefix path before the repository's name: `/v2` or `/v2/<mirror's path>`
/// @param fallback plain HTTP is tried when TLS is not spoken there
/// @param tls what its TLS needs
/// @param mirror not the registry the name says
record Endpoint(
    String scheme,
    String authority,
    String prefix,
    boolean fallback,
    HostConfig tls,
    boolean mirror) {
  /// Mirrors in order, then the registry itself.
  ///
  /// @param insecure the caller accepts any certificate
  static List<Endpoint> of(RegistryConfig config, String host, boolean insecure) {
    List<Endpoint> all = new ArrayList<>();
    HostConfig own = config.hosts().getOrDefault(host, HostConfig.DEFAULT);
    for (String mirror : own.mirrors()) {
      int slash = mirror.indexOf('/');
      String authority = slash < 0 ? mirror : mirror.substring(0, slash);
      String path = slash < 0 ? "" : mirror.substring(slash).replaceAll("/+$", "");
      all.add(
          of(
              authority,
              "/v2" + path,
              config.hosts().getOrDefault(authority, HostConfig.DEFAULT),
              true));
    }
    all.add(registry(config, host, insecure));
    return List.copyOf(all);
  }

  /// The registry itself, where pushes go.
  static Endpoint registry(RegistryConfig config, String host, boolean insecure) {
    HostConfig own = config.hosts().getOrDefault(host, HostConfig.DEFAULT);
    String authority = host.equals("docker.io") ? "registry-1.docker.io" : host;
    return of(authority, "/v2", insecure ? own.asInsecure() : own, false);
  }

  private static Endpoint of(String authority, String prefix, HostConfig host, boolean mirror) {
    boolean http = host.http().orElse(isThisMachine(authority));
    boolean plain = http && !host.insecure();
    return new Endpoint(
        plain ? "http" : "https", authority, prefix, http && host.insecure(), host, mirror);
  }

  Endpoint asPlain() {
    return new Endpoint("http", authority, prefix, false, tls, mirror);
  }

  String url(String repository, String rest) {
    return scheme + "://" + authority + prefix + "/" + repository + "/" + rest;
  }

  /// Query that tells a mirror which registry is meant, as containerd adds it.
  String namespaceQuery(ImageReference name) {
    return mirror ? "ns=" + name.host() : "";
  }

  private static boolean isThisMachine(String authority) {
    String host = authority;
    int colon = authority.lastIndexOf(':');
    if (colon > authority.lastIndexOf(']')) {
      host = authority.substring(0, colon);
    }
    return host.equals("localhost")
        || host.equals("[::1]")
        || host.matches("127(\\.[0-9]{1,3}){3}");
  }
}
