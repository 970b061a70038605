package dev.slipway.solver;

import dev.slipway.solver.cachekey.KeyId;
import dev.slipway.solver.cachekey.KeyLink;
import java.util.Optional;

/// One question to the key store: where does this key lead by this link, or (without a link) is
/// this key itself known?
///
/// @param map which of the vertex's cache maps asks
record Probe(KeyId key, Optional<KeyLink> link, int map) {}
