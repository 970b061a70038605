package dev.slipway.source;

import dev.slipway.frontend.FrontendBridge.OciStore;
import dev.slipway.frontend.ResolvedSource;
import dev.slipway.frontend.SourceQuery;
import dev.slipway.llb.SourceOp;
import dev.slipway.ref.FetchContext;
import java.util.Map;
import java.util.Optional;

/// Answers what a source would resolve to, before it is part of a build: an image's digest and
/// config, a git commit.
public interface SourceMetadata {
  /// @throws dev.slipway.failure.NotFound the image, or one for the platform, is not there
  ResolvedSource resolve(SourceOp source, SourceQuery query, FetchContext context);

  /// The source under the one name that policies know it by; itself where it has no other name.
  /// Contacts nobody.
  SourceOp canonical(SourceOp source);

  /// The source op of an image named by a reference.
  ///
  /// @param store present when the image is in an OCI layout of the client
  static SourceOp imageSource(String reference, Optional<OciStore> store) {
    return store
        .map(
            layout ->
                new SourceOp(
                    "oci-layout://" + reference,
                    Map.of("oci.session", layout.sessionId(), "oci.store", layout.storeId())))
        .orElseGet(() -> new SourceOp("docker-image://" + reference, Map.of()));
  }
}
