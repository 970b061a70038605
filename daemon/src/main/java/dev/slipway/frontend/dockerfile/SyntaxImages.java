package dev.slipway.frontend.dockerfile;

import dev.slipway.frontend.dockerfile.convert.ImageName;
import dev.slipway.frontend.dockerfile.source.DockerfileError;
import java.util.Set;
import java.util.regex.Pattern;

/// What happens to a Dockerfile that asks for the official frontend image (`#
/// syntax=docker/dockerfile:1`).
public enum SyntaxImages {
  /// The built-in frontend, which does the same, handles it. Nothing is pulled.
  SERVED_HERE,
  /// The image is pulled and run, as for every other image.
  PULLED;

  private static final Set<String> OFFICIAL =
      Set.of("docker.io/docker/dockerfile", "docker.io/docker/dockerfile-upstream");
  private static final Pattern RELEASES =
      Pattern.compile("(?:latest|master|1(?:\\.[0-9]{1,3}){0,2})(?:-labs)?|labs");

  /// Whether the built-in frontend stands in for an image. One with a digest is meant exactly and
  /// never replaced.
  boolean serves(String frontend) {
    if (frontend.equals("dockerfile.v0")) {
      return true;
    }
    if (this == PULLED) {
      return false;
    }
    try {
      ImageName image = ImageName.parse(frontend).withDefaultTag();
      return image.digest().isEmpty()
          && OFFICIAL.contains(image.name())
          && RELEASES.matcher(image.tag()).matches();
    } catch (DockerfileError e) {
      return false; // not an image's name: whoever pulls it will say so
    }
  }

  /// Whether an image that is stood in for has the experimental instructions.
  static boolean hasLabs(String frontend) {
    return frontend.endsWith("labs");
  }
}
