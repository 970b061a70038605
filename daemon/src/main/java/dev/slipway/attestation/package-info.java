/// Statements about results: what is claimed (SBOM, provenance), about what, and their in-toto
/// form.
///
/// Start at [Attestation], [Statement]. Values only; content is fetched when it is asked for.
@NullMarked
package dev.slipway.attestation;

import org.jspecify.annotations.NullMarked;
