package dev.slipway.solver.cachekey;

import java.time.Instant;

/// A result at rest.
///
/// @param id names it in the result store that keeps it
public record KeyResult(String id, Instant createdAt) {}
