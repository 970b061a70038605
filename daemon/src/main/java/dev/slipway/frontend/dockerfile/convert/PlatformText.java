package dev.slipway.frontend.dockerfile.convert;

import dev.slipway.failure.InvalidRequest;
import dev.slipway.frontend.dockerfile.shell.GoText;
import dev.slipway.frontend.dockerfile.source.DockerfileError;
import dev.slipway.oci.Platform;
import java.util.regex.Pattern;

/// Reads platforms as people write them, with the reference's words for what is wrong.
public final class PlatformText {
  private static final String COMPONENT_FORM = "^[A-Za-z0-9_.-]+$";
  private static final String OS_FORM =
      "^([A-Za-z0-9_-]+)(?:\\(([A-Za-z0-9_.%-]*)((?:\\+[A-Za-z0-9_.%-]+)*)\\))?$";
  private static final Pattern COMPONENT = Pattern.compile(COMPONENT_FORM);
  private static final Pattern OS = Pattern.compile(OS_FORM);

  private PlatformText() {}

  public static Platform parse(String text) {
    if (text.contains("*")) {
      throw new DockerfileError(
          GoText.quote(text) + ": wildcards not yet supported: invalid argument");
    }
    String[] parts = text.split("/", 4);
    if (!OS.matcher(parts[0]).matches()) {
      throw new DockerfileError(
          GoText.quote(parts[0])
              + " is an invalid OS component of "
              + GoText.quote(text)
              + ": OSAndVersion specifier component must match "
              + GoText.quote(OS_FORM)
              + ": invalid argument");
    }
    for (int i = 1; i < parts.length; i++) {
      if (!COMPONENT.matcher(parts[i]).matches()) {
        throw new DockerfileError(
            GoText.quote(parts[i])
                + " is an invalid component of "
                + GoText.quote(text)
                + ": platform specifier component must match "
                + GoText.quote(COMPONENT_FORM)
                + ": invalid argument");
      }
    }
    if (parts.length == 4) {
      throw new DockerfileError(
          GoText.quote(text) + ": cannot parse platform specifier: invalid argument");
    }
    try {
      return Platform.parse(text);
    } catch (InvalidRequest e) {
      throw new DockerfileError(
          GoText.quote(text) + ": unknown operating system or architecture: invalid argument");
    }
  }
}
