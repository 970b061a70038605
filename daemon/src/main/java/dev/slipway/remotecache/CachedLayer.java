package dev.slipway.remotecache;

import dev.slipway.oci.Descriptor;
import dev.slipway.ref.LayerOrigin;
import java.util.Optional;

/// A layer of a cached result.
///
/// @param blob with the uncompressed digest, and when and by what it was made, in its annotations
/// @param origin where the blob can be fetched; empty when it is in the content store
public record CachedLayer(Descriptor blob, Optional<LayerOrigin> origin) {
  /// Annotation: when the step that made the layer ended, RFC 3339.
  public static final String CREATED_AT = "buildkit/createdat";

  /// Annotation: what the step that made the layer was.
  public static final String DESCRIPTION = "buildkit/description";
}
