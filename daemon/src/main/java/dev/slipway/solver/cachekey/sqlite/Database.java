package dev.slipway.solver.cachekey.sqlite;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.CorruptData;
import dev.slipway.failure.Exhausted;
import dev.slipway.failure.Unavailable;
import dev.slipway.task.Clock;
import dev.slipway.task.TaskScope;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/// The one connection to the file. Everything is done under its monitor; each use takes
/// microseconds. Writes go into one open transaction, which all reads see, and which is committed
/// when somebody asks for it, at the latest a moment after its first write.
final class Database implements AutoCloseable {
  private static final Duration BATCH = Duration.ofMillis(100);

  private final Connection connection;
  private final Map<String, PreparedStatement> statements = new HashMap<>();
  private final TaskScope committer = TaskScope.open("cache key commit");
  private boolean isInTransaction;
  private boolean isClosed;

  private Database(Connection connection) {
    this.connection = connection;
  }

  /// Opens the file, or makes it. Caller closes.
  static Database open(Path file, Clock clock) throws SQLException {
    Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
    try {
      Schema.prepare(connection);
    } catch (SQLException | RuntimeException failure) {
      closeAfter(failure, connection);
      throw failure;
    }
    Database database = new Database(connection);
    database.committer.forkAction(() -> database.commitInBatches(clock));
    return database;
  }

  synchronized <T> T read(Use<T> use) {
    try {
      return use.run(this);
    } catch (SQLException failure) {
      throw translated("read", failure);
    }
  }

  synchronized <T> T write(Use<T> use) {
    try {
      if (!isInTransaction) {
        run("BEGIN IMMEDIATE");
        isInTransaction = true;
        notifyAll();
      }
      return use.run(this);
    } catch (SQLException failure) {
      rollBack(failure);
      throw translated("write", failure);
    }
  }

  /// The statement, prepared once and kept. Only valid within the use.
  PreparedStatement prepared(String sql) throws SQLException {
    Optional<PreparedStatement> known = Optional.ofNullable(statements.get(sql));
    if (known.isPresent()) {
      return known.get();
    }
    PreparedStatement statement = connection.prepareStatement(sql);
    statements.put(sql, statement);
    return statement;
  }

  synchronized void commit() {
    if (isInTransaction) {
      try {
        run("COMMIT");
        isInTransaction = false;
      } catch (SQLException failure) {
        rollBack(failure);
        throw translated("write", failure);
      }
    }
  }

  @Override
  public void close() {
    synchronized (this) {
      isClosed = true;
      notifyAll();
    }
    committer.close();
    synchronized (this) {
      try (connection) {
        commit();
        for (PreparedStatement statement : statements.values()) {
          statement.close();
        }
      } catch (SQLException failure) {
        throw translated("close", failure);
      }
    }
  }

  private void commitInBatches(Clock clock) throws InterruptedException {
    while (awaitTransaction()) {
      clock.sleep(BATCH);
      try {
        commit();
      } catch (BuildFailure lost) {
        // The records of this batch are gone and will be made again; whoever writes next hears of
        // lasting trouble.
        continue;
      }
    }
  }

  private synchronized boolean awaitTransaction() throws InterruptedException {
    while (!isInTransaction && !isClosed) {
      wait();
    }
    return !isClosed;
  }

  /// The driver cannot run a statement again that failed, so all are made anew.
  private void rollBack(SQLException failure) {
    isInTransaction = false;
    for (PreparedStatement statement : statements.values()) {
      try {
        statement.close();
      } catch (SQLException useless) {
        failure.addSuppressed(useless);
      }
    }
    statements.clear();
    try {
      run("ROLLBACK");
    } catch (SQLException alreadyRolledBack) {
      failure.addSuppressed(alreadyRolledBack);
    }
  }

  private void run(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  static BuildFailure translated(String doing, SQLException failure) {
    String message = "cannot " + doing + " the cache key store: " + failure.getMessage();
    if (isDamage(failure)) {
      return new CorruptData(message, failure);
    }
    if (failure instanceof SQLiteException known
        && known.getResultCode() == SQLiteErrorCode.SQLITE_FULL) {
      return new Exhausted(message, failure);
    }
    return new Unavailable(message, failure);
  }

  static boolean isDamage(SQLException failure) {
    if (!(failure instanceof SQLiteException known)) {
      return false;
    }
    int primary = known.getResultCode().code & 0xff;
    return primary == SQLiteErrorCode.SQLITE_CORRUPT.code
        || primary == SQLiteErrorCode.SQLITE_NOTADB.code;
  }

  private static void closeAfter(Exception failure, Connection connection) {
    try {
      connection.close();
    } catch (SQLException second) {
      failure.addSuppressed(second);
    }
  }

  /// Something done with the connection.
  @FunctionalInterface
  interface Use<T> {
    T run(Database database) throws SQLException;
  }
}
