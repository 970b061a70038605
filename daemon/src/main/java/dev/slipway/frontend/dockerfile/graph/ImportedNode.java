package dev.slipway.frontend.dockerfile.graph;

import dev.slipway.llb.Definition;
import dev.slipway.llb.Input;

/// A definition made by somebody else, used as an input: written into ours as it is.
public final class ImportedNode implements Node {
  private final Definition definition;

  /// @param definition not scratch
  public ImportedNode(Definition definition) {
    if (definition.isScratch()) {
      throw new IllegalArgumentException("scratch is no node");
    }
    this.definition = definition;
  }

  Input head() {
    return definition.head().orElseThrow();
  }

  Definition definition() {
    return definition;
  }

  @Override
  public NodeNotes notes() {
    return NodeNotes.NONE;
  }
}
