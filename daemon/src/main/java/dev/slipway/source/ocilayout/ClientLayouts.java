package dev.slipway.source.ocilayout;

import dev.slipway.content.BlobReader;
import dev.slipway.session.Session;

/// Opens a content store that a client offers.
@FunctionalInterface
public interface ClientLayouts {
  /// @param store the client's name of the store, with its kind: `oci:<name>`
  /// @return reads from that client while it is connected; bytes are as the client sends them
  /// @throws dev.slipway.failure.Unsupported the client offers no content
  BlobReader open(Session session, String store);
}
