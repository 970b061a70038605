package dev.slipway.llb;

import dev.slipway.failure.Fact.AtVertex;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.oci.Digest;

/// Names the op of a definition that cannot be used, while it is decoded.
///
/// @param number its place in the definition, from 0
record InvalidOp(int number, Digest digest) {
  InvalidRequest because(String reason) {
    return new InvalidRequest(
        "failed to load LLB: " + reason + " (op " + number + ", " + digest + ")",
        new AtVertex(digest));
  }

  /// Words from a peer, made short enough for a message.
  static String clip(String text) {
    return text.length() > 200 ? text.substring(0, 200) + "…" : text;
  }
}
