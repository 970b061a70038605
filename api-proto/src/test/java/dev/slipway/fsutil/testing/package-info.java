/// Doubles for those who move file trees: a transport in memory, a tree in memory.
@NullMarked
package dev.slipway.fsutil.testing;

import org.jspecify.annotations.NullMarked;
