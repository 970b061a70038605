package dev.slipway.ref;

import dev.slipway.oci.Descriptor;
import dev.slipway.oci.DiffId;
import java.time.Instant;
import java.util.Optional;

/// One layer of a ref.
///
/// @param id the ref whose own layer this is
/// @param diffId known once the layer came from, or was made into, a blob
/// @param blob the blob it came from or was exported as, when there is one
/// @param origin where the blob can be fetched, when it need not be here
/// @param description of the step that made it
public record RefLayer(
    RefId id,
    Optional<DiffId> diffId,
    Optional<Descriptor> blob,
    Optional<LayerOrigin> origin,
    String description,
    Instant createdAt) {}
