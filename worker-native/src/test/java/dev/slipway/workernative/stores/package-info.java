/// The daemon's stores on the real snapshotter, layers and kernel.
@NullMarked
package dev.slipway.workernative.stores;

import org.jspecify.annotations.NullMarked;
