/// Which emulators are installed, and how one gets into a step.
///
/// Start at [Emulators] (what runs which platform, and how) and [EmulatedSteps] (what that changes
/// about a step).
@NullMarked
package dev.slipway.workerqemu.emulator;

import org.jspecify.annotations.NullMarked;
