package dev.slipway.client.layout;

import dev.slipway.failure.InvalidRequest;
import dev.slipway.oci.Digest;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/// One image in a layout, as users write it: `oci-layout://DIRECTORY[:TAG][@DIGEST]` (buildx
/// `util/ocilayout/parse.go`, 0.31). With neither tag nor digest the tag is `latest`.
///
/// @param directory as given: absolute, or relative to the working directory
public record LayoutReference(Path directory, Optional<String> tag, Optional<Digest> digest) {
  private static final String SCHEME = "oci-layout://";
  private static final Pattern TAG = Pattern.compile("\\w[\\w.-]{0,127}");
  private static final Pattern DIGEST =
      Pattern.compile("[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:\\p{XDigit}{32,}");

  public static boolean isLayout(String text) {
    return text.startsWith(SCHEME);
  }

  /// @throws InvalidRequest the text names no directory, or its digest is none
  public static LayoutReference parse(String text) {
    if (!isLayout(text)) {
      throw new InvalidRequest("\"" + text + "\" does not start with " + SCHEME);
    }
    String rest = text.substring(SCHEME.length());
    Optional<Digest> digest = Optional.empty();
    int at = rest.lastIndexOf('@');
    if (at >= 0 && DIGEST.matcher(rest.substring(at + 1)).matches()) {
      digest = Optional.of(Digest.parse(rest.substring(at + 1)));
      rest = rest.substring(0, at);
    }
    Optional<String> tag = Optional.empty();
    int colon = rest.lastIndexOf(':');
    if (colon >= 0 && TAG.matcher(rest.substring(colon + 1)).matches()) {
      tag = Optional.of(rest.substring(colon + 1));
      rest = rest.substring(0, colon);
    }
    if (rest.isEmpty()) {
      throw new InvalidRequest(
          "oci-layout reference \""
              + text
              + "\" names no directory: want "
              + SCHEME
              + "DIRECTORY[:TAG][@DIGEST]");
    }
    if (tag.isEmpty() && digest.isEmpty()) {
      tag = Optional.of("latest");
    }
    return new LayoutReference(Path.of(rest), tag, digest);
  }

  /// The image's digest: the one given, else what the layout's index says.
  ///
  /// @throws dev.slipway.failure.NotFound the layout has no such image
  public Digest resolveIn(OciLayout layout) {
    return digest.orElseGet(() -> layout.resolve(tag.orElse("latest")));
  }

  /// How the daemon knows the image: a store that this client serves in place of the directory.
  public String in(String store, Digest resolved) {
    return SCHEME + store + tag.map(name -> ":" + name).orElse("") + "@" + resolved;
  }
}
