package dev.slipway.metadata;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Copies what can still be read of a damaged database, row by row, into a sound one. Rows that a
/// damaged page hides are skipped: reading goes on behind them, first in small steps of the row
/// number, then in ever larger ones.
final class Salvage {
  private static final Logger log = LoggerFactory.getLogger(Salvage.class);

  private final Connection target;
  private final Path damaged;
  private final List<Schema> schemas;

  Salvage(Connection target, Path damaged, List<Schema> schemas) {
    this.target = target;
    this.damaged = damaged;
    this.schemas = schemas;
  }

  /// @return number of rows copied
  long copyRows() {
    long copied = 0;
    Properties settings = new Properties();
    settings.setProperty("open_mode", "1"); // SQLITE_OPEN_READONLY
    try (Connection source = DriverManager.getConnection("jdbc:sqlite:" + damaged, settings)) {
      try (Statement statement = source.createStatement()) {
        statement.execute("PRAGMA writable_schema=ON"); // else a truncated file is refused whole
      }
      for (Schema schema : schemas) {
        for (String table : schema.tables()) {
          copied += copyTable(source, table);
        }
      }
    } catch (SQLException unreadable) {
      log.warn("nothing more to salvage from {}: {}", damaged, unreadable.getMessage());
    }
    return copied;
  }

  private long copyTable(Connection source, String table) {
    long copied = 0;
    try {
      List<String> columns = columnsOf(target, table);
      columns.retainAll(columnsOf(source, table));
      if (columns.isEmpty()) {
        return 0;
      }
      long last = lastRow(source, table);
      long at = Long.MIN_VALUE;
      long step = 1;
      while (at <= last) {
        Progress progress = copyFrom(source, table, columns, at);
        copied += progress.rows();
        if (progress.complete()) {
          break;
        }
        step = progress.rows() > 0 ? 1 : step * 2;
        long next = Math.max(progress.lastRow(), at == Long.MIN_VALUE ? 0 : at);
        if (next > last - step) {
          break;
        }
        at = next + step;
      }
      log.info("salvaged {} rows of table {}", copied, table);
    } catch (SQLException unreadable) {
      log.warn(
          "salvage of table {} ended after {} rows: {}", table, copied, unreadable.getMessage());
    }
    return copied;
  }

  private Progress copyFrom(Connection source, String table, List<String> columns, long first)
      throws SQLException {
    String names = String.join(", ", columns);
    String select =
        "SELECT rowid, "
            + names
            + " FROM "
            + table
            + " NOT INDEXED WHERE rowid >= ? ORDER BY rowid";
    String insert =
        "INSERT OR IGNORE INTO "
            + table
            + " ("
            + names
            + ") VALUES ("
            + String.join(", ", columns.stream().map(_ -> "?").toList())
            + ")";
    long rows = 0;
    long lastRow = Long.MIN_VALUE;
    try (PreparedStatement into = target.prepareStatement(insert)) {
      try (PreparedStatement from = source.prepareStatement(select)) {
        from.setLong(1, first);
        try (ResultSet row = from.executeQuery()) {
          while (row.next()) {
            lastRow = row.getLong(1);
            for (int i = 0; i < columns.size(); i++) {
              into.setObject(i + 1, row.getObject(i + 2));
            }
            rows += insertOrSkip(into);
          }
          return new Progress(rows, lastRow, true);
        }
      } catch (SQLException damage) {
        log.debug("table {} is damaged behind row {}: {}", table, lastRow, damage.getMessage());
        return new Progress(rows, lastRow, false);
      }
    }
  }

  /// A row whose values no longer fit the constraints is itself damage.
  private static int insertOrSkip(PreparedStatement into) {
    try {
      return into.executeUpdate();
    } catch (SQLException misfit) {
      log.debug("a damaged row is left out: {}", misfit.getMessage());
      return 0;
    }
  }

  private static List<String> columnsOf(Connection connection, String table) throws SQLException {
    List<String> columns = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("PRAGMA table_info(" + table + ")")) {
      while (rows.next()) {
        columns.add(rows.getString(2));
      }
    }
    return columns;
  }

  private static long lastRow(Connection source, String table) {
    try (Statement statement = source.createStatement();
        ResultSet row =
            statement.executeQuery("SELECT max(rowid) FROM " + table + " NOT INDEXED")) {
      return row.next() ? row.getLong(1) : 0;
    } catch (SQLException damage) {
      return 1L << 40;
    }
  }

  private record Progress(long rows, long lastRow, boolean complete) {}
}
