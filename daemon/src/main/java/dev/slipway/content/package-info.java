/// The content store: ingest, commit, read, list blobs by digest.
///
/// A blob is being written in an [Ingest]; nobody can read it until it is committed, and what is
/// committed is whole: its bytes hash to its name and are on disk. An ingest that is closed
/// uncommitted leaves nothing visible, but its bytes may stay for resumption under its key until
/// collected.
///
/// Whoever wants to be quick may follow an ingest while it is written ([IngestReader]): what is
/// read is worth something once it was committed.
///
/// Start at [ContentStore]. Blocking; thread-safe. Implementations pass `ContentStoreContract`
/// (test-jar).
@NullMarked
package dev.slipway.content;

import org.jspecify.annotations.NullMarked;
