package dev.slipway.provenance;

/// Something of the client's that a step could use: a secret or an ssh agent.
///
/// @param optional the step would have run without
public record Access(String id, boolean optional) {}
