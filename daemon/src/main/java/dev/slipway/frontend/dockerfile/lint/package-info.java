/// Advice about Dockerfiles that build, but not as their authors may think.
///
/// Start at [LintRule] (what is checked, with every text) and [Linter] (which rules are on). A
/// `Linter` collects into a sink given to it and is confined to one conversion. The checks
/// themselves stand where the facts are known, in `instruction` and `convert`. May use `parser` and
/// `source`.
@NullMarked
package dev.slipway.frontend.dockerfile.lint;

import org.jspecify.annotations.NullMarked;
