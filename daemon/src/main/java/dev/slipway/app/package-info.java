/// The composition root: `main`, wiring, the order of start and stop.
///
/// Start at [Slipwayd] (`main`), [Wiring] (which rooms are put together how, on [Ground], [Reach]
/// and [Holdings]), [DaemonServices] (what a running daemon offers and how it ends). Start:
/// configuration, logging, lock, threads, services, listeners, readiness; then, when nobody builds,
/// a [Rehearsal]. Stop, on SIGTERM or SIGINT: readiness gone, new builds refused, running ones
/// drained, then everything closed in reverse. A second signal ends the draining.
///
/// May use every room; no room may use it.
@NullMarked
package dev.slipway.app;

import org.jspecify.annotations.NullMarked;
