package dev.slipway.source;

import dev.slipway.failure.InvalidRequest;
import dev.slipway.oci.Digest;

/// Where a single blob is: in a registry's repository, or in a client's OCI layout.
///
/// @param place which of the two
/// @param name repository, or the layout's name where `store` is empty
/// @param session id of the client that has the layout; empty: any of the build's
/// @param store the layout as that client calls it; empty: `name`
public record BlobLocator(Place place, String name, Digest digest, String session, String store) {
  public enum Place {
    REGISTRY("docker-image+blob"),
    OCI_LAYOUT("oci-layout+blob");

    private final String scheme;

    Place(String scheme) {
      this.scheme = scheme;
    }

    public String scheme() {
      return scheme;
    }
  }

  /// @param text `<scheme>://<name>@<digest>`
  /// @throws InvalidRequest another scheme, or no digest
  public static BlobLocator parse(String text, String session, String store) {
    int colon = text.indexOf("://");
    String scheme = colon < 0 ? "" : text.substring(0, colon);
    int at = text.lastIndexOf('@');
    for (Place place : Place.values()) {
      if (place.scheme.equals(scheme)) {
        if (at < colon || !Digest.isDigest(text.substring(at + 1))) {
          throw new InvalidRequest("invalid reference digest in \"" + text + "\"");
        }
        return new BlobLocator(
            place,
            text.substring(colon + 3, at),
            Digest.parse(text.substring(at + 1)),
            session,
            store);
      }
    }
    throw new InvalidRequest(
        "locator scheme \""
            + scheme
            + "\" is not supported; expected \"docker-image+blob\" or \"oci-layout+blob\"");
  }

  /// The reference, as descriptions show it.
  public String reference() {
    return name + "@" + digest;
  }

  /// What the layout is called by the client.
  public String storeName() {
    return store.isEmpty() ? name : store;
  }
}
