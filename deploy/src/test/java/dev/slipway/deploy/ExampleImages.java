package dev.slipway.deploy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/// The base images that the Dockerfiles in `examples/` name, with real toolchains, made once per
/// build from Debian packages.
///
/// @param layouts a folder with an OCI image layout for each
record ExampleImages(Path layouts) {
  /// How the examples call them.
  private static final Map<String, String> NAMES =
      Map.of(
          "golang", "golang:1.24",
          "rust", "rust:1.85",
          "debian", "debian:stable-slim",
          "python", "python:3.13-slim");

  static ExampleImages make(Distribution distribution) {
    Path layouts = distribution.tools().resolveSibling("example-images");
    Path script = Path.of("tools/make-example-images").toAbsolutePath();
    Tool.of(distribution, "sh", Path.of("").toAbsolutePath())
        .within(Duration.ofMinutes(30))
        .succeed(script.toString(), distribution.tools().toString(), layouts.toString());
    return new ExampleImages(layouts);
  }

  /// Pushes each to where a mirror of Docker Hub has it.
  void pushTo(RegistryProcess registry, Tool skopeo) {
    NAMES.forEach(
        (layout, name) ->
            skopeo.succeed(
                "--insecure-policy",
                "copy",
                "--all",
                "--preserve-digests",
                "--dest-tls-verify=false",
                "oci:" + layouts.resolve(layout),
                "docker://" + registry.host() + "/library/" + name));
  }
}
