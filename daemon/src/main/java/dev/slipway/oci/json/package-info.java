/// JSON of the OCI types: reading what others wrote, and writing bytes as Go's `encoding/json`
/// writes them, because digests are of bytes.
///
/// Start at [OciJson]. No I/O; stateless.
@NullMarked
package dev.slipway.oci.json;

import org.jspecify.annotations.NullMarked;
