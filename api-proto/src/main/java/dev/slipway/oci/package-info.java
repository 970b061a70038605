/// Value types of the OCI image and distribution specifications: parse, print, compare, nothing
/// else.
///
/// Start at [Digest], [Descriptor], [Platform]. No I/O. Everything here is immutable and
/// thread-safe.
///
/// Specifications: <https://github.com/opencontainers/image-spec>,
/// <https://github.com/opencontainers/distribution-spec>.
@NullMarked
package dev.slipway.oci;

import org.jspecify.annotations.NullMarked;
