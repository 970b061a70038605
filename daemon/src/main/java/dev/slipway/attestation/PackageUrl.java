package dev.slipway.attestation;

import dev.slipway.oci.Digest;
import dev.slipway.oci.ImageReference;
import dev.slipway.oci.Platform;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Package URLs of images: `pkg:docker/busybox@latest?platform=linux%2Famd64` (BuildKit
/// `util/purl`, v0.32.2).
public final class PackageUrl {
  private PackageUrl() {}

  /// @param type `docker` or `oci`
  public static String of(String type, ImageReference image, Optional<Platform> platform) {
    SequencedMap<String, String> qualifiers = new LinkedHashMap<>();
    platform.ifPresent(runsOn -> qualifiers.put("platform", runsOn.format()));
    return of(type, image, qualifiers);
  }

  /// @param more in the order of their names, all after `digest`
  public static String of(String type, ImageReference image, SequencedMap<String, String> more) {
    ImageReference reference = image.withDefaultTag();
    List<String> qualifiers = new ArrayList<>();
    reference.digest().map(Digest::toString).ifPresent(d -> qualifiers.add("digest=" + escape(d)));
    more.forEach((name, value) -> qualifiers.add(name + "=" + escape(value)));
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

  /// As Go escapes a part of a path: unlike in a name, what has no meaning there stays.
  private static String escape(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8)
        .replace("+", "%20")
        .replace("%3A", ":")
        .replace("%40", "@")
        .replace("%26", "&")
        .replace("%3D", "=")
        .replace("%2B", "+")
        .replace("%24", "$");
  }
}
