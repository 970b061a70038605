/// Directories of a client, synchronised into a kept tree so that only differences travel.
///
/// Start at [LocalSource]; [TreeReceiver] writes what arrives, [FileWriters] does so in parallel,
/// [SyncedTree] is what is known of a tree from its last synchronisation, [ReceivedDigests] hands
/// content digests computed on the way to the content hasher.
///
/// Whatever a client sends stays inside the tree: entries are checked for order by the protocol,
/// every directory written into was made here, and files are always created anew, never opened
/// through what is there.
@NullMarked
package dev.slipway.source.local;

import org.jspecify.annotations.NullMarked;
