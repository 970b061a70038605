/// The kernel's list of program formats and their interpreters
/// (Documentation/admin-guide/binfmt-misc.rst).
///
/// Start at [BinfmtRegistry]; [ForeignArchitecture] knows the architectures and what their programs
/// look like.
@NullMarked
package dev.slipway.workerqemu.binfmt;

import org.jspecify.annotations.NullMarked;
