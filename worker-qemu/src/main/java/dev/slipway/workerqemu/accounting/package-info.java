/// What emulation costs: [EmulationAccount] adds up the time of emulated steps by platform, so that
/// a build can say it.
@NullMarked
package dev.slipway.workerqemu.accounting;

import org.jspecify.annotations.NullMarked;
