package dev.slipway.frontend.dockerfile.graph;

/// A vertex to be.
public sealed interface Node permits ExecNode, FileNode, ImportedNode, MergeNode, SourceNode {

  NodeNotes notes();

  /// Its first output.
  default Output output() {
    return new Output(this, 0);
  }
}
