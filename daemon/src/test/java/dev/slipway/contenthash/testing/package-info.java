/// Golden values of content checksums, recorded from the genuine daemon's own package, for tests in
/// memory and on disk.
@NullMarked
package dev.slipway.contenthash.testing;

import org.jspecify.annotations.NullMarked;
