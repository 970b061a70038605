/// The commands of `slipway` and `buildctl`, one class each. Start at [CommandLine].
@NullMarked
package dev.slipway.client.command;

import org.jspecify.annotations.NullMarked;
