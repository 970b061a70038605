/// Bills of materials: which scanner image a build asks for, and how it is run on a result.
///
/// Start at [SbomScanner]; the protocol is BuildKit's (`docs/attestations/sbom-protocol.md`,
/// v0.32.2). The scanner is one more step of the build, so its output is a tree like any other: a
/// bundle of in-toto statements that whoever exports takes apart. Used by frontends that know what
/// else is worth scanning, and by the daemon where a frontend brought no bill of its own.
///
/// What does not belong here: reading what a scanner wrote (`llbsolver`), storing it (`image`).
@NullMarked
package dev.slipway.frontend.sbom;

import org.jspecify.annotations.NullMarked;
