package dev.slipway.llb;

import java.util.List;

/// Hands inputs on as they are.
///
/// @param outputs for each output the index of the input it is
public record PassthroughOp(String id, List<Integer> outputs) implements Op {
  public PassthroughOp {
    outputs = List.copyOf(outputs);
  }
}
