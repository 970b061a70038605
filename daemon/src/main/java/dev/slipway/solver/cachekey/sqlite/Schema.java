package dev.slipway.solver.cachekey.sqlite;

import dev.slipway.failure.Unsupported;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/// The tables, and their version. Texts that repeat (ids of keys, ways to link) stand once and are
/// named by number.
final class Schema {
  private static final int VERSION = 1;

  private static final String[] TABLES = {
    "CREATE TABLE keys (no INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, shareable INTEGER NOT NULL)",
    "CREATE INDEX keys_unshareable ON keys (no) WHERE shareable = 0",
    """
    CREATE TABLE ways (no INTEGER PRIMARY KEY, operation BLOB NOT NULL, output INTEGER NOT NULL, input INTEGER NOT NULL,
      selector BLOB NOT NULL, UNIQUE (operation, output, input, selector))""",
    """
    CREATE TABLE links (source INTEGER NOT NULL, way INTEGER NOT NULL, target INTEGER NOT NULL,
      PRIMARY KEY (source, way, target)) WITHOUT ROWID""",
    "CREATE INDEX links_target ON links (target)",
    "CREATE INDEX links_way ON links (way, target)",
    """
    CREATE TABLE results (key INTEGER NOT NULL, id TEXT NOT NULL, second INTEGER NOT NULL, nano INTEGER NOT NULL,
      PRIMARY KEY (key, id)) WITHOUT ROWID""",
    "CREATE INDEX results_id ON results (id)",
  };

  /// What an earlier run of the daemon wrote for itself alone means nothing to this one.
  private static final String[] FORGET_UNSHAREABLE = {
    "DELETE FROM links WHERE source IN (SELECT no FROM keys WHERE shareable = 0)",
    "DELETE FROM links WHERE target IN (SELECT no FROM keys WHERE shareable = 0)",
    "DELETE FROM results WHERE key IN (SELECT no FROM keys WHERE shareable = 0)",
    "DELETE FROM keys WHERE shareable = 0",
  };

  private Schema() {}

  /// Makes the tables in a new file; checks the version of an old one and forgets what was not to
  /// outlive its run.
  static void prepare(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      // Write-ahead log: readers see whole transactions, and a kill at any moment leaves a whole
      // file. NORMAL: no fsync at every
      // commit, so a power cut may take the last transactions, never more. A lost record costs
      // running one step again.
      // EXCLUSIVE: one process has the file, so no look-up pays for locks, and a second daemon on
      // the same root is refused.
      statement.execute("PRAGMA locking_mode = EXCLUSIVE");
      int version = version(statement);
      // An empty store has nothing to lose, and each fsync of making it takes milliseconds.
      statement.execute("PRAGMA synchronous = " + (version == 0 ? "OFF" : "NORMAL"));
      statement.execute("PRAGMA journal_mode = WAL");
      statement.execute("PRAGMA cache_size = -8192");
      if (version > VERSION) {
        throw new Unsupported(
            "the cache key store has version " + version + ", this daemon knows " + VERSION);
      }
      statement.execute("BEGIN IMMEDIATE");
      for (String step : version == 0 ? TABLES : FORGET_UNSHAREABLE) {
        statement.execute(step);
      }
      statement.execute("PRAGMA user_version = " + VERSION);
      statement.execute("COMMIT");
      statement.execute("PRAGMA synchronous = NORMAL");
    }
  }

  private static int version(Statement statement) throws SQLException {
    try (ResultSet answer = statement.executeQuery("PRAGMA user_version")) {
      return answer.next() ? answer.getInt(1) : 0;
    }
  }
}
