/// Instructions of a Dockerfile as sealed records, each with its text and lines, before any
/// variable is substituted.
///
/// Start at [Instruction] and [StageReader], which turns a parsed file into [Stage]s. All values
/// are immutable; no I/O. May use `parser`, `shell`, `lint` and `source`. What an instruction does
/// to an image is decided in `convert`.
///
/// Behaviour: BuildKit's `frontend/dockerfile/instructions` (v0.32.2).
@NullMarked
package dev.slipway.frontend.dockerfile.instruction;

import org.jspecify.annotations.NullMarked;
