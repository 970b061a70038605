/// The text of a Dockerfile cut into statements: directives, comments, continued lines, heredocs,
/// JSON forms, flags.
///
/// Start at [DockerfileParser]; it makes a [ParsedDockerfile] of [Statement]s. What a statement
/// means is decided in `instruction`. All values are immutable and nothing here does I/O. May use
/// `shell` and `source`.
///
/// The behaviour is that of BuildKit's `frontend/dockerfile/parser` (v0.32.2), line for line, as
/// builds depend on its quirks; the design is not.
@NullMarked
package dev.slipway.frontend.dockerfile.parser;

import org.jspecify.annotations.NullMarked;
