package dev.slipway.solver.cachekey.sqlite;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Unavailable;
import dev.slipway.solver.cachekey.Alternative;
import dev.slipway.solver.cachekey.KeyId;
import dev.slipway.solver.cachekey.KeyRecord;
import dev.slipway.solver.cachekey.KeyResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What is done with a damaged file: it is set aside (the last one is kept, for whoever wants to
/// look), and every row that can still be read is written into a new one. Damage that shows only in
/// use is noted, and repaired at the next start.
final class Salvage {
  private static final Logger log = LoggerFactory.getLogger(Salvage.class);
  private static final String LINKS =
      """
      SELECT s.id, w.input, w.operation, w.output, w.selector, t.id FROM links l
      JOIN keys s ON s.no = l.source JOIN ways w ON w.no = l.way JOIN keys t ON t.no = l.target""";
  private static final String RESULTS =
      "SELECT k.id, r.id, r.second, r.nano FROM results r JOIN keys k ON k.no = r.key";

  private final Path file;
  private final Path mark;

  Salvage(Path file) {
    this.file = file;
    this.mark = beside(".damage");
  }

  boolean isNeeded() {
    return Files.exists(mark);
  }

  /// Notes that the file is damaged.
  void request() {
    try {
      if (!Files.exists(mark)) {
        Files.createFile(mark);
      }
    } catch (IOException failure) {
      log.atWarn().setCause(failure).log("damage of the cache key store could not be noted");
    }
  }

  /// Moves the file out of the way.
  ///
  /// @return where to
  Path setAside() {
    Path damaged = beside(".damaged");
    try {
      for (String suffix : List.of("", "-wal", "-shm")) {
        Path part = beside(suffix);
        Path target = damaged.resolveSibling(damaged.getFileName() + suffix);
        Files.deleteIfExists(target);
        if (Files.exists(part)) {
          Files.move(part, target, StandardCopyOption.REPLACE_EXISTING);
        }
      }
      Files.deleteIfExists(mark);
    } catch (IOException failure) {
      throw new Unavailable("cannot set the damaged cache key store " + file + " aside", failure);
    }
    return damaged;
  }

  /// Copies what can be read.
  void copy(Path damaged, SqliteCacheKeyStore into) {
    long links = 0;
    long results = 0;
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + damaged);
        Statement statement = connection.createStatement()) {
      links = copyRows(statement, LINKS, row -> copyLink(row, into));
      results = copyRows(statement, RESULTS, row -> copyResult(row, into));
    } catch (SQLException unreadable) {
      log.atDebug().setCause(unreadable).log("the damaged cache key store cannot be opened");
    }
    log.atWarn()
        .addKeyValue("file", damaged)
        .addKeyValue("links", links)
        .addKeyValue("results", results)
        .log("the cache key store was damaged and has been rebuilt from what could be read");
  }

  private static long copyRows(Statement statement, String sql, Row copy) {
    long copied = 0;
    try (ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        copy.take(rows);
        copied++;
      }
    } catch (SQLException | BuildFailure endOfReadable) {
      log.atDebug().setCause(endOfReadable).log("the rest of a damaged table is lost");
    }
    return copied;
  }

  private static void copyLink(ResultSet row, SqliteCacheKeyStore into) throws SQLException {
    int input = row.getInt(2);
    List<List<Alternative>> inputs = new ArrayList<>(Collections.nCopies(input, List.of()));
    inputs.add(
        List.of(new Alternative(Names.key(row.getBytes(1)), Names.selector(row.getBytes(5)))));
    KeyId target = Names.key(row.getBytes(6));
    into.recordAs(
        target,
        new KeyRecord(Names.digest(row.getBytes(3)), row.getInt(4), target.isShareable(), inputs),
        Optional.empty());
  }

  private static void copyResult(ResultSet row, SqliteCacheKeyStore into) throws SQLException {
    KeyId key = Names.key(row.getBytes(1));
    into.addResult(
        key, new KeyResult(row.getString(2), Instant.ofEpochSecond(row.getLong(3), row.getInt(4))));
  }

  private Path beside(String suffix) {
    return file.resolveSibling(file.getFileName() + suffix);
  }

  @FunctionalInterface
  private interface Row {
    void take(ResultSet row) throws SQLException;
  }
}
