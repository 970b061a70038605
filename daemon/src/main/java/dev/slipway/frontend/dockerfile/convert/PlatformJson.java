package dev.slipway.frontend.dockerfile.convert;

import dev.slipway.oci.Platform;

/// Platforms as exporters read them.
public final class PlatformJson {
  private PlatformJson() {}

  /// An entry of `refs.platforms`.
  public static String exported(String id, Platform platform) {
    String json =
        new JsonObject()
            .raw("architecture", JsonObject.quote(platform.architecture()))
            .raw("os", JsonObject.quote(platform.os()))
            .text("os.version", platform.osVersion())
            .texts("os.features", platform.osFeatures())
            .text("variant", platform.variant())
            .end();
    return new JsonObject().raw("ID", JsonObject.quote(id)).raw("Platform", json).end();
  }
}
