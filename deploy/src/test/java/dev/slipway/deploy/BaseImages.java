package dev.slipway.deploy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// The base image `busybox` for amd64, arm64 and arm/v7, made once per build from the fetched
/// programs.
///
/// @param layout an OCI image layout, its index tagged `latest`
/// @param index digest of the index over all platforms, `sha256:<64 hex>`
record BaseImages(Path layout, String index) {
  private static final Map<Path, BaseImages> MADE = new ConcurrentHashMap<>();

  static BaseImages make(Distribution distribution) {
    return MADE.computeIfAbsent(
        distribution.tools().resolveSibling("base-images"), layout -> makeIn(layout, distribution));
  }

  private static BaseImages makeIn(Path layout, Distribution distribution) {
    Path script = Path.of("tools/make-base-images").toAbsolutePath();
    Tool maker =
        Tool.of(distribution, "sh", Path.of("").toAbsolutePath())
            .with(script.toString(), distribution.tools().toString(), layout.toString());
    String digest = maker.succeed().out().strip();
    if (!Files.exists(layout.resolve("index.json"))) {
      throw new AssertionError("no layout in " + layout);
    }
    return new BaseImages(layout, digest);
  }

  /// Pushes all platforms to `host/library/busybox:latest`.
  void pushTo(RegistryProcess registry, Tool skopeo) {
    skopeo.succeed(
        "--insecure-policy",
        "copy",
        "--all",
        "--preserve-digests",
        "--dest-tls-verify=false",
        "oci:" + layout,
        "docker://" + registry.host() + "/library/busybox:latest");
  }
}
