/// How people write values down: in flags, attributes and options of all kinds.
///
/// Start at [TruthValue]. Pure: no I/O, no state. What a value means is its reader's concern, and
/// so are the words for a wrong one.
@NullMarked
package dev.slipway.text;

import org.jspecify.annotations.NullMarked;
