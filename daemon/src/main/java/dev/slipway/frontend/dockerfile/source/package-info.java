/// Positions in a Dockerfile, and problems that point at them.
///
/// Start at [LineSpan] and [DockerfileError]. Everything is immutable; no I/O. May use nothing of
/// the other Dockerfile rooms; all of them use this one.
@NullMarked
package dev.slipway.frontend.dockerfile.source;

import org.jspecify.annotations.NullMarked;
