/// Turns a graph of vertices into results. Knows no container, file, registry or LLB: a vertex's
/// payload is opaque, and all it wants to know it asks an [Evaluator].
///
/// Start at [Solver], [Job], [Evaluator]. One thread owns the graph; evaluations run on virtual
/// threads and post events back. Uses `solver.cachekey` and `progress` only.
@NullMarked
package dev.slipway.solver;

import org.jspecify.annotations.NullMarked;
