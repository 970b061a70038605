/// What tests of workers need: [TestMachine], a kernel, mounts and a small root filesystem to run
/// things in.
@NullMarked
package dev.slipway.workernative.testing;

import org.jspecify.annotations.NullMarked;
