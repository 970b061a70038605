package dev.slipway.frontend.dockerfile.graph;

import java.util.List;

/// File trees laid over each other, later ones on top.
public final class MergeNode implements Node {
  private final List<Output> inputs;
  private final NodeNotes notes;

  /// @param inputs two or more
  public MergeNode(List<Output> inputs, NodeNotes notes) {
    this.inputs = List.copyOf(inputs);
    this.notes = notes;
  }

  List<Output> inputs() {
    return inputs;
  }

  @Override
  public NodeNotes notes() {
    return notes;
  }
}
