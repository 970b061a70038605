/// Turns a graph of vertices into results. Knows no container, file, registry or LLB: a vertex's
/// payload is opaque, and all it wants to know it asks an [Evaluator].
///
/// Start at [Solver], [Job] and [Evaluator] for the contract, at [GraphSolver] to start one. To
/// understand it, read [Search] (the rules of looking for a result), then [EdgeState] (where an
/// edge stands), then [EdgeNode] and [Graph] (how that becomes work). A walk-through is in
/// `daemon/ARCHITECTURE.md`.
///
/// Threads: the graph is confined to a loop, [dev.slipway.task.EventLoop], whose events run one at
/// a time; nothing in it has a lock. Evaluations, look-ups, content keys, loads and records are
/// tasks on virtual threads and post events back. [VertexStory] and [JobView] are not the loop's:
/// they carry events from the tasks to the jobs, and are guarded by their monitors.
///
/// Uses `solver.cachekey` and `progress` only, does no I/O, and never asks what a result is.
@NullMarked
package dev.slipway.solver;

import org.jspecify.annotations.NullMarked;
