package dev.slipway.llb;

import java.util.List;
import java.util.OptionalInt;

/// Lays trees over each other, later ones on top.
///
/// @param inputs indexes of the vertex' inputs; empty is scratch
public record MergeOp(List<OptionalInt> inputs) implements Op {
  public MergeOp {
    inputs = List.copyOf(inputs);
  }
}
