package dev.slipway.frontend.dockerfile;

import dev.slipway.frontend.dockerfile.graph.Output;
import dev.slipway.frontend.dockerfile.graph.SourceNode;
import java.util.Optional;

/// Where the files of a build are.
sealed interface MainContext {

  /// In a directory of the client, which sends what is used.
  ///
  /// @param dockerfile a tree with the Dockerfile that the client gave as an input, if it did
  record ClientDirectory(String name, Optional<Output> dockerfile) implements MainContext {}

  /// Somewhere else, as one tree.
  ///
  /// @param files empty for no files at all
  /// @param dockerfile the tree with the Dockerfile, absent when it is in the client's directory
  /// @param filename path of the Dockerfile in that tree
  /// @param source where the tree comes from, absent for what a client gave as an input
  record Tree(
      Optional<Output> files,
      Optional<Output> dockerfile,
      String filename,
      Optional<SourceNode> source)
      implements MainContext {}
}
