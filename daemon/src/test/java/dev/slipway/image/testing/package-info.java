/// Images and stores for tests of what pulls and pushes.
@NullMarked
package dev.slipway.image.testing;

import org.jspecify.annotations.NullMarked;
