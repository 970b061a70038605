/// Single files from HTTP servers, and streams that a client offers under the host
/// `buildkit-session`.
///
/// Start at [HttpSource]; [HttpDownload] speaks HTTP, [RememberedDownloads] knows what was fetched
/// before and by which ETag it can be recognised.
@NullMarked
package dev.slipway.source.http;

import org.jspecify.annotations.NullMarked;
