package dev.slipway.oci;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// A list of manifests, one a platform (OCI image-spec, image-index.md; Docker's manifest list).
public record Index(
    MediaType mediaType, List<Descriptor> manifests, Map<String, String> annotations) {
  public Index {
    manifests = List.copyOf(manifests);
    annotations = java.util.Collections.unmodifiableMap(new TreeMap<>(annotations));
  }
}
