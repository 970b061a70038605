/// The daemon's one embedded database (SQLite): connection, schemas, transactions, salvage.
///
/// Rooms keep their records here and their indexes in memory; they read everything once when they
/// open and write as they change. There is one writer: transactions run one after the other, each
/// short.
///
/// **Durability.** Write-ahead log with `synchronous=NORMAL`: a transaction that returned survives
/// `kill -9` of the daemon; a power failure may lose the last ones (never tear them, never reorder
/// them). That is what rooms want: what a lost record described is swept as unrecorded at the next
/// start and made again, while an fsync for every record would cost more than the record saves.
///
/// **Damage.** A file that cannot be read is set aside and salvaged row by row into a new one;
/// opening fails only when the disk does.
///
/// Start at [MetadataDatabase], [Schema], [Transaction]. Blocking; thread-safe. What a row means
/// belongs to the room that owns the table.
@NullMarked
package dev.slipway.metadata;

import org.jspecify.annotations.NullMarked;
