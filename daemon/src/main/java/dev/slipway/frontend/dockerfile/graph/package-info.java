/// Definitions under construction: vertices that know their inputs as objects and need not know
/// them at once.
///
/// A Dockerfile's build context can only be described when all its COPYs are known, yet every COPY
/// needs it as an input; so the graph is made of objects first and written as a
/// [dev.slipway.llb.Definition] last. Start at [Node] and [DefinitionWriter]. Nodes are compared by
/// identity; they are immutable but for what their suppliers decide late. May use `llb`, `oci` and
/// `source`.
@NullMarked
package dev.slipway.frontend.dockerfile.graph;

import org.jspecify.annotations.NullMarked;
