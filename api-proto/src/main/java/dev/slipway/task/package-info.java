/// Our small structured concurrency: [TaskScope] is the only place where threads start; [Clock] is
/// the only clock.
///
/// Cancellation is interruption: closing a scope interrupts its tasks and waits for them. Blocking
/// code turns `InterruptedException` into [dev.slipway.failure.Cancelled] with [Interruption].
@NullMarked
package dev.slipway.task;

import org.jspecify.annotations.NullMarked;
