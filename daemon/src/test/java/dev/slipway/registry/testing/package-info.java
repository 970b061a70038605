/// A registry in the test's own process, with faults to switch on.
@NullMarked
package dev.slipway.registry.testing;

import org.jspecify.annotations.NullMarked;
