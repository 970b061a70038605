package dev.slipway.source;

import dev.slipway.metadata.MetadataDatabase;
import dev.slipway.metadata.Schema;
import dev.slipway.metadata.TextMap;
import dev.slipway.oci.Digest;
import dev.slipway.ref.RefId;
import java.util.List;
import java.util.Map;

/// Which trees were fetched for what, with what their origin said about them, so that they need not
/// be fetched again, by this process or the next. Thread-safe.
public final class KnownTrees {
  /// What is remembered of one thing at most; a server that gives each answer another name must not
  /// fill the disk.
  private static final int MAX_OF_ONE_THING = 8;

  private final MetadataDatabase database;

  /// @param facts as whoever fetched it noted them
  public record Known(RefId ref, Map<String, String> facts) {}

  public KnownTrees(MetadataDatabase database) {
    this.database = database;
  }

  /// The tables that are needed.
  public static Schema schema() {
    return new Schema(
        "source",
        List.of("known_trees"),
        List.of(
            """
            CREATE TABLE known_trees (thing TEXT NOT NULL, ref TEXT NOT NULL, facts TEXT NOT NULL);
            CREATE INDEX known_trees_thing ON known_trees (thing);
            CREATE INDEX known_trees_ref ON known_trees (ref)"""));
  }

  /// The newest first. A tree may have ceased to be.
  ///
  /// @param thing everything that makes a difference to the tree, in any form
  public List<Known> of(String thing) {
    return database.read(
        sql ->
            sql.query(
                "SELECT ref, facts FROM known_trees WHERE thing = ? ORDER BY rowid DESC",
                row -> new Known(new RefId(row.text(1)), TextMap.decode(row.text(2))),
                key(thing)));
  }

  public void add(String thing, RefId ref, Map<String, String> facts) {
    database.write(
        sql -> {
          sql.execute(
              "INSERT INTO known_trees (thing, ref, facts) VALUES (?, ?, ?)",
              key(thing),
              ref.value(),
              TextMap.encode(facts));
          return sql.execute(
              "DELETE FROM known_trees WHERE thing = ?1 AND rowid NOT IN"
                  + " (SELECT rowid FROM known_trees WHERE thing = ?1 ORDER BY rowid DESC LIMIT "
                  + MAX_OF_ONE_THING
                  + ")",
              key(thing));
        });
  }

  /// To be told when a tree ceases to be. Of most that do nothing is known, and to read that costs
  /// far less than to write it.
  public void forget(RefId ref) {
    boolean isKnown =
        !database
            .read(
                sql ->
                    sql.query(
                        "SELECT 1 FROM known_trees WHERE ref = ? LIMIT 1",
                        row -> row.number(1),
                        ref.value()))
            .isEmpty();
    if (isKnown) {
      database.write(sql -> sql.execute("DELETE FROM known_trees WHERE ref = ?", ref.value()));
    }
  }

  private static String key(String thing) {
    return Digest.ofText(thing).toString();
  }
}
