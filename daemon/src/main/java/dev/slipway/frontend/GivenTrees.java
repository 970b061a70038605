package dev.slipway.frontend;

import dev.slipway.llb.Definition;
import java.util.Optional;

/// Trees and images that a client gives by name (the options `context:<name>`), to stand for an
/// image. Thread-safe; blocks.
@FunctionalInterface
public interface GivenTrees {
  /// @param name of the image that another may stand for
  /// @return empty: nothing was given under that name
  /// @throws dev.slipway.failure.InvalidRequest what was given makes no sense
  Optional<GivenTree> find(String name, Frontend.Request request, FrontendBridge bridge);

  /// @param config of the image it is, exact bytes; empty for a plain tree
  record GivenTree(Definition definition, Optional<byte[]> config) {}
}
