package dev.slipway.contenthash;

import dev.slipway.failure.CorruptData;
import dev.slipway.metadata.MetadataDatabase;
import dev.slipway.metadata.Schema;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Trees' digests in the database, one row a tree.
final class DigestTable {
  static final Schema SCHEMA =
      new Schema(
          "contenthash",
          List.of("content_digests"),
          List.of("CREATE TABLE content_digests (tree TEXT PRIMARY KEY, nodes BLOB NOT NULL)"));

  private static final Logger log = LoggerFactory.getLogger(DigestTable.class);

  private final MetadataDatabase database;

  DigestTable(MetadataDatabase database) {
    this.database = database;
  }

  Optional<HashedTree> load(String key) {
    List<byte[]> rows =
        database.read(
            sql ->
                sql.query(
                    "SELECT nodes FROM content_digests WHERE tree = ?", row -> row.bytes(1), key));
    if (rows.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(new HashedTree(NodeCodec.decode(rows.getFirst())));
    } catch (CorruptData damaged) {
      log.warn("digests of tree {} are computed again: {}", key, damaged.text());
      return Optional.empty();
    }
  }

  void save(String key, byte[] nodes) {
    database.write(
        sql -> sql.execute("INSERT OR REPLACE INTO content_digests VALUES (?, ?)", key, nodes));
  }

  void delete(String key) {
    database.writeRemoval(sql -> sql.execute("DELETE FROM content_digests WHERE tree = ?", key));
  }
}
