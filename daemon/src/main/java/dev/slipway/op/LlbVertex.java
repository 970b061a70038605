package dev.slipway.op;

import dev.slipway.llb.Op;
import dev.slipway.llb.OpVertex;
import dev.slipway.oci.Platform;

/// The payload of the solver's vertices: one vertex of a definition, made ready to run.
///
/// @param platform what it runs on or is for: the op's own, or else the daemon's default
/// @param name what users see
/// @param proxied a step that reaches the network through the proxy only
public record LlbVertex(OpVertex vertex, Platform platform, String name, boolean proxied) {
  public Op op() {
    return vertex.op();
  }

  public int inputCount() {
    return vertex.inputs().size();
  }
}
