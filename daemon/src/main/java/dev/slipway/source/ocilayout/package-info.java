/// Images from OCI layouts on the client's side: `oci-layout`.
///
/// Start at [OciLayoutSource]. The client's blobs are reached through [ClientLayouts], which a
/// session implements.
@NullMarked
package dev.slipway.source.ocilayout;

import org.jspecify.annotations.NullMarked;
