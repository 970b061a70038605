package dev.slipway.attestation;

import dev.slipway.oci.Digest;
import dev.slipway.oci.ImageReference;
import dev.slipway.oci.Platform;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Package URLs of images: `pkg:docker/busybox@latest?platform=linux%2Famd64` (BuildKit
/// `util/purl`, v0.32.2).
public final class PackageUrl {
  private PackageUrl() {}

  /// @param type `docker` or `oci`
  public static String of(String type, ImageReference image, Optional<Platform> platform) {
    ImageReference reference = image.withDefaultTag();
    List<String> qualifiers = new ArrayList<>();
    reference.digest().map(Digest::toString).ifPresent(d -> qualifiers.add("digest=" + escape(d)));
    platform.ifPresent(runsOn -> qualifiers.add("platform=" + escape(runsOn.format())));
    ImageReference bare =
        new ImageReference(
            reference.host(), reference.repository(), Optional.empty(), Optional.empty());
    String name =
        Stream.of(bare.familiar().split("/"))
            .map(part -> URLEncoder.encode(part, StandardCharsets.UTF_8))
            .collect(Collectors.joining("/"));
    return "pkg:"
        + type
        + "/"
        + name
        + reference.tag().map(tag -> "@" + escape(tag)).orElse("")
        + (qualifiers.isEmpty() ? "" : "?" + String.join("&", qualifiers));
  }

  /// As in a path: unlike in a name, a colon stays.
  private static String escape(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20").replace("%3A", ":");
  }
}
