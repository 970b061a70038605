/// The fsutil packet protocol.
@NullMarked
package dev.slipway.fsutil;

import org.jspecify.annotations.NullMarked;
