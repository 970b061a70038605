/// Caches in stores that keep named things: a table by name, layers by digest, spoken to over HTTP.
///
/// [ObjectCache] is the backend, the same for all of them: what is written in which order, what is
/// read, how layers are fetched later. A kind of store is a [PlaceKind] (what its attributes say)
/// and an [ObjectPlace] (its protocol); the packages `s3`, `azblob` and `gha` are these. Beneath
/// them: [ObjectExchange] sends signed requests again where that may help, [Parts] cuts large
/// layers, [BlockBlob] is the one protocol that two of them speak.
///
/// The vendors' own libraries are left out on purpose. They are larger than the rest of the daemon
/// (the S3 client alone brings its own HTTP client, event loop, XML and JSON), and they start
/// slowly; a cache needs six requests of S3 and five of Azure, whose signatures are a page each and
/// have published examples to test against.
///
/// What is read is bounded; layers are verified against their digests. Blocking; thread-safe.
@NullMarked
package dev.slipway.remotecache.object;

import org.jspecify.annotations.NullMarked;
