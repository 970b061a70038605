package dev.slipway.app;

import java.util.Optional;

/// Who this program says it is.
public final class Version {
  /// The release of BuildKit whose behaviour this one matches.
  public static final String BUILDKIT = "v0.32.2";

  /// The release of the Dockerfile frontend that the built-in one equals.
  public static final String DOCKERFILE = "1.26.0";

  private Version() {}

  /// Of the jar this class came from; `dev` outside a jar.
  public static String slipway() {
    return Optional.ofNullable(Version.class.getPackage().getImplementationVersion()).orElse("dev");
  }

  /// What servers of downloads are told. BuildKit's name comes first: some know its clients by it.
  static String userAgent() {
    return "buildkit/" + BUILDKIT + " slipway/" + slipway();
  }

  static String line(String program) {
    return program + " dev.slipway " + slipway() + " (BuildKit " + BUILDKIT + ")";
  }
}
