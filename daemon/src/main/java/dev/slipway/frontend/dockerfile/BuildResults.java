package dev.slipway.frontend.dockerfile;

import dev.slipway.frontend.FrontendRef;
import dev.slipway.frontend.FrontendResult;
import dev.slipway.frontend.FrontendResult.AttestationResult;
import dev.slipway.frontend.dockerfile.convert.Conversion;
import dev.slipway.frontend.dockerfile.convert.PlatformJson;
import dev.slipway.oci.Platform;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/// Puts the results of all platforms together, with what exporters need to know about each.
/// Confined to one request.
///
/// Keys: BuildKit's `exporter/containerimage/exptypes/types.go` (v0.32.2).
final class BuildResults {
  private final boolean multiPlatform;
  private final SequencedMap<String, Optional<FrontendRef>> refs = new LinkedHashMap<>();
  private final SequencedMap<String, byte[]> metadata = new LinkedHashMap<>();
  private final SequencedMap<String, List<AttestationResult>> attestations = new LinkedHashMap<>();
  private final List<String> platforms = new ArrayList<>();

  /// @param multiPlatform whether the client asked for a result by platform, be it one
  BuildResults(boolean multiPlatform) {
    this.multiPlatform = multiPlatform;
  }

  /// Adds a platform's result.
  ///
  /// @param ref empty for scratch
  void add(Platform platform, Optional<FrontendRef> ref, Conversion conversion) {
    String id = platform.formatAll();
    String suffix = multiPlatform ? "/" + id : "";
    refs.put(id, ref);
    metadata.put("containerimage.config" + suffix, conversion.image().toByteArray());
    conversion
        .baseImage()
        .ifPresent(
            config -> metadata.put("containerimage.base.config" + suffix, config.toByteArray()));
    conversion
        .epoch()
        .ifPresent(
            epoch ->
                metadata.put(
                    "source.date.epoch" + suffix, utf8(Long.toString(epoch.getEpochSecond()))));
    platforms.add(PlatformJson.exported(id, extended(platform, conversion.imagePlatform())));
  }

  /// Adds what is stated about a platform's result.
  void state(Platform platform, AttestationResult attestation) {
    attestations.computeIfAbsent(platform.formatAll(), _ -> new ArrayList<>()).add(attestation);
  }

  /// A Windows image may say more exactly than the client which Windows it is for.
  private static Platform extended(Platform platform, Optional<Platform> image) {
    if (!platform.os().equals("windows")
        || image.isEmpty()
        || !image.get().os().equals("windows")) {
      return platform;
    }
    Platform exact = image.get();
    return new Platform(
        platform.os(),
        platform.architecture(),
        platform.variant(),
        platform.osVersion().isEmpty() ? exact.osVersion() : platform.osVersion(),
        platform.osFeatures().isEmpty() ? exact.osFeatures() : platform.osFeatures());
  }

  FrontendResult finish() {
    metadata.put("refs.platforms", utf8("{\"Platforms\":[" + String.join(",", platforms) + "]}"));
    FrontendResult result =
        multiPlatform
            ? FrontendResult.ofPlatforms(refs, metadata)
            : FrontendResult.of(refs.firstEntry().getValue(), metadata);
    return result.with(attestations);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
