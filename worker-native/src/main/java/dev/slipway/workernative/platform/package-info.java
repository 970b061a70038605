/// What the machine's processor and kernel run without emulation.
///
/// Start at [NativePlatforms].
@NullMarked
package dev.slipway.workernative.platform;

import org.jspecify.annotations.NullMarked;
