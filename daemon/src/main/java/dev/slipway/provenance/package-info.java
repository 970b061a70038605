/// What went into a result: sources as they were resolved, the frontend's request, secrets by name;
/// and the document that says so (SLSA provenance, versions 1 and 0.2, with BuildKit's extensions).
///
/// Start at [Capture], which is gathered while a build runs, and [Predicate], which is written at
/// its end. No I/O.
@NullMarked
package dev.slipway.provenance;

import org.jspecify.annotations.NullMarked;
