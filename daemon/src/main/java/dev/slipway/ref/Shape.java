package dev.slipway.ref;

import java.util.List;
import java.util.Optional;

/// What a record's tree is made of.
sealed interface Shape {
  /// Records it holds on to, in the order `du` shows them.
  List<RefId> parents();

  /// A layer of its own on top of at most one parent.
  ///
  /// @param twin another record of the very same layers in other blobs (say, compressed otherwise);
  ///   that one has the files
  record Own(Optional<RefId> parent, Optional<RefId> twin) implements Shape {
    @Override
    public List<RefId> parents() {
      return parent.stream().toList();
    }
  }

  /// Nothing of its own: layers of other records laid over each other.
  ///
  /// @param layers base first
  /// @param parents what was merged or diffed; holding these keeps the layers
  record Stack(List<RefId> layers, List<RefId> parents) implements Shape {
    public Stack {
      layers = List.copyOf(layers);
      parents = List.copyOf(parents);
    }
  }
}
