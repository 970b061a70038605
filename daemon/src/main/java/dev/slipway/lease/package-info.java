/// Garbage collection of what builds leave behind: by which rules, and when.
///
/// What keeps a thing from collection is a hold on its ref (`ref`); this room only decides the
/// rules and the moments, and whoever wires the daemon says what one rule collects. Collection runs
/// in the background in small steps, during builds too; near a limit it does so at once.
///
/// Start at [GarbageCollector], [GcPolicy]. Two background tasks of its own; all else thread-safe.
@NullMarked
package dev.slipway.lease;

import org.jspecify.annotations.NullMarked;
