/// Inputs from peers that mean harm. What is fed with them are the classes `…Fuzz`, each in the
/// room that it tests; a fuzzer finds them by their method `fuzzerTestOneInput` (that is Jazzer's
/// name for it). Inputs worth keeping are files below `/hostile/<target>/` of the test resources.
///
/// Start at [dev.slipway.hostile.HostileCorpusTest], which feeds every kept input to its target.
@NullMarked
package dev.slipway.hostile;

import org.jspecify.annotations.NullMarked;
