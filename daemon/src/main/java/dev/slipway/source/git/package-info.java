/// Checkouts of git repositories. The `git` program does the work, as it does for BuildKit: no
/// library follows every protocol, submodule and object format as it does.
///
/// Start at [GitSource]; [GitIdentifier] is what a build asks for, [GitCommand] one invocation's
/// surroundings, [GitFetch] brings a commit into a repository that is kept between builds,
/// [GitCheckout] writes its files out.
///
/// Git runs without any configuration of the machine or the user, asks nobody for anything, and
/// takes no submodules from this machine's file system.
@NullMarked
package dev.slipway.source.git;

import org.jspecify.annotations.NullMarked;
