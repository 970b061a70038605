/// Images as archives for the client: `oci` and `docker`.
///
/// Start at [ArchiveExporter]. The client's side is reached through [ClientSink], which a session
/// implements.
@NullMarked
package dev.slipway.exporter.oci;

import org.jspecify.annotations.NullMarked;
