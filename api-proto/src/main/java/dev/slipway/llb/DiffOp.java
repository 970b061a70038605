package dev.slipway.llb;

import java.util.OptionalInt;

/// What the upper tree changed in the lower one. Indexes of the vertex' inputs; empty is scratch.
public record DiffOp(OptionalInt lower, OptionalInt upper) implements Op {}
