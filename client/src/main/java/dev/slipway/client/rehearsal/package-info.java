/// Builds with a daemon of the same process, before others do. Start at [LocalRehearsalClient].
@NullMarked
package dev.slipway.client.rehearsal;

import org.jspecify.annotations.NullMarked;
