/// `.dockerignore`: which files of a build context are not sent.
///
/// Start at [IgnoreFile] (reads one) and [IgnoreMatcher] (asks its patterns about a path). The
/// patterns themselves go to the client, which applies them; the matcher serves advice about files
/// that are copied but never sent. Values are immutable, no I/O. May use `source`.
@NullMarked
package dev.slipway.frontend.dockerfile.ignore;

import org.jspecify.annotations.NullMarked;
