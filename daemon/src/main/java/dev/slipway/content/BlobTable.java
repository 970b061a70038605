package dev.slipway.content;

import dev.slipway.metadata.MetadataDatabase;
import dev.slipway.metadata.Schema;
import dev.slipway.metadata.TextMap;
import dev.slipway.metadata.Transaction.Row;
import dev.slipway.oci.Digest;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/// Records of blobs in the database, one row each. Labels are one text, `key=value&…`
/// percent-encoded, so that a row stands for itself.
final class BlobTable {
  static final Schema SCHEMA =
      new Schema(
          "content",
          List.of("blobs"),
          List.of(
              """
              CREATE TABLE blobs (
                digest TEXT PRIMARY KEY,
                bytes INTEGER NOT NULL,
                committed_millis INTEGER NOT NULL,
                labels TEXT NOT NULL)\
              """));

  private final MetadataDatabase database;

  BlobTable(MetadataDatabase database) {
    this.database = database;
  }

  List<BlobInfo> all() {
    return database
        .read(
            sql ->
                sql.query(
                    "SELECT digest, bytes, committed_millis, labels FROM blobs", BlobTable::read))
        .stream()
        .flatMap(Optional::stream)
        .toList();
  }

  /// A row that makes no sense (after a salvage) is no record.
  private static Optional<BlobInfo> read(Row row) throws SQLException {
    String digest = row.text(1);
    if (!Digest.isDigest(digest)) {
      return Optional.empty();
    }
    return Optional.of(
        new BlobInfo(
            Digest.parse(digest),
            row.number(2),
            Instant.ofEpochMilli(row.number(3)),
            TextMap.decode(row.text(4))));
  }

  void insert(BlobInfo info) {
    database.write(
        sql ->
            sql.execute(
                "INSERT OR REPLACE INTO blobs VALUES (?, ?, ?, ?)",
                info.digest().toString(),
                info.bytes(),
                info.committedAt().toEpochMilli(),
                TextMap.encode(info.labels())));
  }

  void updateLabels(BlobInfo info) {
    database.write(
        sql ->
            sql.execute(
                "UPDATE blobs SET labels = ? WHERE digest = ?",
                TextMap.encode(info.labels()),
                info.digest().toString()));
  }

  void deleteAll(Collection<Digest> digests) {
    if (digests.isEmpty()) {
      return;
    }
    database.writeRemoval(
        sql -> {
          int deleted = 0;
          for (Digest digest : digests) {
            deleted += sql.execute("DELETE FROM blobs WHERE digest = ?", digest.toString());
          }
          return deleted;
        });
  }
}
