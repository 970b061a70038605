package dev.slipway.ref;

/// Where a layer's blob can be fetched, as plain text so that it outlives a restart.
///
/// @param kind which [LayerFetcher] understands it: `registry`, `oci-layout`
/// @param reference for a registry the repository as `host/path`; for a client's OCI layout
///   `<session>/<store>`
public record LayerOrigin(String kind, String reference) {}
