package dev.slipway.llb;

import dev.slipway.oci.Digest;

/// One output of a vertex, used by another.
///
/// @param index number of the output, not negative
public record Input(Digest vertex, int index) {}
