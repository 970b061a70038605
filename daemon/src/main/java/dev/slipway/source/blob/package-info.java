/// Single blobs as files: `docker-image+blob`, `oci-layout+blob`.
///
/// Start at [BlobSource]; [ContainerBlobs] brings the bytes, for other sources too. Blocking;
/// thread-safe.
@NullMarked
package dev.slipway.source.blob;

import org.jspecify.annotations.NullMarked;
