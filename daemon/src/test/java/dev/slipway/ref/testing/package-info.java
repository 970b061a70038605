/// Fakes for those who use refs, and a toy layer format small enough to read in a test.
@NullMarked
package dev.slipway.ref.testing;

import org.jspecify.annotations.NullMarked;
