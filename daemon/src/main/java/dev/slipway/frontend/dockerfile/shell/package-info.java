/// Words of a Dockerfile: quotes, escapes, and `$variables` in all their forms.
///
/// Start at [WordProcessor]; [Variables] is what it substitutes from. Values are immutable; a
/// `WordProcessor` may be shared. Uses `source` only. The text of a RUN is not handled here: the
/// shell in the container does that.
@NullMarked
package dev.slipway.frontend.dockerfile.shell;

import org.jspecify.annotations.NullMarked;
