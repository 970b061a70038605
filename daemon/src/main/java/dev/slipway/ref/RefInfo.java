package dev.slipway.ref;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What is shown of a record in `du`.
///
/// @param bytes exact size of its own layer: allocated blocks of the snapshot plus the blob
/// @param parents records it is stacked on
/// @param shared something other than cache uses it too (an image)
public record RefInfo(
    RefId id,
    boolean mutable,
    boolean inUse,
    long bytes,
    List<RefId> parents,
    Instant createdAt,
    Optional<Instant> lastUsedAt,
    int usageCount,
    RefDescription description,
    boolean shared) {}
