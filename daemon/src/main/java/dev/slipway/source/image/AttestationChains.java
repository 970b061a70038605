package dev.slipway.source.image;

import dev.slipway.failure.NotFound;
import dev.slipway.frontend.ResolvedSource.AttestationChain;
import dev.slipway.frontend.ResolvedSource.Blob;
import dev.slipway.image.ImageReader;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.Digest;
import dev.slipway.oci.Index;
import dev.slipway.oci.Manifest;
import dev.slipway.oci.MediaType;
import dev.slipway.oci.Platform;
import dev.slipway.oci.PlatformMatcher;
import dev.slipway.oci.json.OciJson;
import dev.slipway.registry.Referrers.Referrer;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/// Finds who vouches for an image: its attestation manifest and what signs that (BuildKit v0.32.2,
/// `source/containerimage/source.go`, `ResolveImageMetadata`). Immutable.
record AttestationChains(ImageReader reader, RegistryOrigin origin) {
  private static final String REFERENCE_TYPE = "vnd.docker.reference.type";
  private static final String REFERENCE_DIGEST = "vnd.docker.reference.digest";
  private static final String PREDICATE_TYPE = "in-toto.io/predicate-type";
  private static final String SIGSTORE_BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json";
  private static final String COSIGN = "application/vnd.dev.cosign.artifact.sig.v1+json";

  /// @param root what the image's name points at
  /// @param predicateTypes attestations to bring along in full
  /// @return empty for an image that is no OCI index
  /// @throws NotFound the index has no image for the platform
  Optional<AttestationChain> of(Descriptor root, Platform platform, List<String> predicateTypes) {
    if (!root.mediaType().equals(MediaType.OCI_INDEX)) {
      return Optional.empty();
    }
    SequencedMap<Digest, Blob> blobs = new LinkedHashMap<>();
    Index index = OciJson.index(add(blobs, root));
    Descriptor image = image(index, platform);
    Optional<Descriptor> attestation =
        index.manifests().stream().filter(each -> attests(each, image.digest())).findFirst();
    Optional<Descriptor> signature = attestation.flatMap(this::signature);
    Optional<Manifest> attested =
        attestation.map(manifest -> OciJson.manifest(add(blobs, manifest)));
    signature.ifPresent(
        manifest ->
            OciJson.manifest(add(blobs, manifest)).layers().forEach(layer -> add(blobs, layer)));
    attested.ifPresent(
        manifest ->
            manifest.layers().stream()
                .filter(
                    layer ->
                        predicateTypes.contains(
                            layer.annotations().getOrDefault(PREDICATE_TYPE, "")))
                .forEach(layer -> add(blobs, layer)));
    return Optional.of(
        new AttestationChain(
            root.digest(),
            Optional.of(image.digest()),
            attestation.map(Descriptor::digest),
            signature.map(Descriptor::digest).stream().toList(),
            blobs));
  }

  private byte[] add(Map<Digest, Blob> blobs, Descriptor descriptor) {
    return blobs
        .computeIfAbsent(
            descriptor.digest(), _ -> new Blob(descriptor, reader.document(origin, descriptor)))
        .data();
  }

  private static Descriptor image(Index index, Platform platform) {
    List<Descriptor> manifests =
        index.manifests().stream().filter(each -> each.mediaType().isManifest()).toList();
    List<Descriptor> told = manifests.stream().filter(each -> each.platform().isPresent()).toList();
    return new PlatformMatcher(platform)
        .best(told, each -> each.platform().orElseThrow())
        .or(() -> manifests.stream().filter(each -> each.platform().isEmpty()).findFirst())
        .orElseThrow(
            () -> new NotFound("no manifest for platform " + platform.formatAll() + ": not found"));
  }

  private static boolean attests(Descriptor manifest, Digest image) {
    return "attestation-manifest".equals(manifest.annotations().get(REFERENCE_TYPE))
        && image.toString().equals(manifest.annotations().get(REFERENCE_DIGEST));
  }

  /// A bundle before a plain signature.
  private Optional<Descriptor> signature(Descriptor attestation) {
    return origin
        .client()
        .referrers()
        .of(origin.name(), attestation.digest(), origin.credentials())
        .stream()
        .filter(
            each ->
                each.artifactType().equals(SIGSTORE_BUNDLE) || each.artifactType().equals(COSIGN))
        .min(Comparator.comparing(each -> !each.artifactType().equals(SIGSTORE_BUNDLE)))
        .map(Referrer::descriptor);
  }
}
