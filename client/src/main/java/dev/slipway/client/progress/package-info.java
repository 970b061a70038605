/// Shows what a build does: as plain lines, as a live display, or as JSON. Start at
/// [ProgressDisplay].
@NullMarked
package dev.slipway.client.progress;

import org.jspecify.annotations.NullMarked;
