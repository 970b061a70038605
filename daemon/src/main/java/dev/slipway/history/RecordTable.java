package dev.slipway.history;

import dev.slipway.failure.CorruptData;
import dev.slipway.metadata.MetadataDatabase;
import dev.slipway.metadata.Schema;
import dev.slipway.metadata.Transaction.Row;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Records in the database, one row each. Thread-safe.
final class RecordTable {
  static final Schema SCHEMA =
      new Schema(
          "history",
          List.of("build_records"),
          List.of(
              """
              CREATE TABLE build_records (
                ref TEXT PRIMARY KEY,
                created_millis INTEGER NOT NULL,
                record TEXT NOT NULL)"""));

  private static final Logger log = LoggerFactory.getLogger(RecordTable.class);

  private final MetadataDatabase database;

  RecordTable(MetadataDatabase database) {
    this.database = database;
  }

  /// Oldest first.
  List<BuildRecord> all() {
    return database
        .read(
            sql ->
                sql.query(
                    "SELECT ref, record FROM build_records ORDER BY created_millis, ref",
                    RecordTable::read))
        .stream()
        .flatMap(Optional::stream)
        .toList();
  }

  Optional<BuildRecord> find(String ref) {
    return database
        .read(
            sql ->
                sql.query(
                    "SELECT ref, record FROM build_records WHERE ref = ?", RecordTable::read, ref))
        .stream()
        .flatMap(Optional::stream)
        .findFirst();
  }

  /// A row that makes no sense (after a salvage) is no record.
  private static Optional<BuildRecord> read(Row row) throws SQLException {
    try {
      return Optional.of(RecordJson.read(row.text(2)));
    } catch (CorruptData damaged) {
      log.warn("the record of build {} is not readable: {}", row.text(1), damaged.text());
      return Optional.empty();
    }
  }

  void put(BuildRecord record) {
    database.write(
        sql ->
            sql.execute(
                "INSERT OR REPLACE INTO build_records VALUES (?, ?, ?)",
                record.ref(),
                record.createdAt().toEpochMilli(),
                RecordJson.write(record)));
  }

  void delete(String ref) {
    database.write(sql -> sql.execute("DELETE FROM build_records WHERE ref = ?", ref));
  }
}
