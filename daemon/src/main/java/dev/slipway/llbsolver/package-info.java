/// Binds the abstract solver to LLB: loads definitions into vertices, chooses workers, implements
/// the bridge frontends solve through, and exports what was solved.
///
/// Start at [LlbSolver] (one build from request to response), then [VertexLoader] (definition to
/// graph), [BuildBridge] (what frontends may ask) and [Exports] (what leaves).
///
/// Threads: every build runs on its caller's virtual thread; parallel parts are forked in a
/// `TaskScope`.
@NullMarked
package dev.slipway.llbsolver;

import org.jspecify.annotations.NullMarked;
