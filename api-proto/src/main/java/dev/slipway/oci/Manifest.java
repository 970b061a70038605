package dev.slipway.oci;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// An image's manifest: its config and layers (OCI image-spec, manifest.md).
///
/// @param artifactType of manifests that are no image
/// @param layers base layer first
/// @param subject what this is about, for artifacts
public record Manifest(
    MediaType mediaType,
    Optional<MediaType> artifactType,
    Descriptor config,
    List<Descriptor> layers,
    Optional<Descriptor> subject,
    Map<String, String> annotations) {
  public Manifest {
    layers = List.copyOf(layers);
    annotations = java.util.Collections.unmodifiableMap(new TreeMap<>(annotations));
  }

  public Manifest(
      MediaType mediaType,
      Descriptor config,
      List<Descriptor> layers,
      Map<String, String> annotations) {
    this(mediaType, Optional.empty(), config, layers, Optional.empty(), annotations);
  }
}
