package dev.slipway.metadata;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.CorruptData;
import dev.slipway.failure.Exhausted;
import dev.slipway.failure.WrongState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The database file, held by this process alone.
///
/// Thread-safe: the one connection is guarded by this object's monitor, which is held while a unit
/// of work runs. Units are short and do nothing but SQL.
public final class MetadataDatabase implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(MetadataDatabase.class);
  private static final String SPARE = ".spare";
  private static final List<String> SIDE_FILES = List.of("", "-wal", "-shm", "-journal");

  private final Path file;
  private final Connection connection;
  private final Transaction transaction;
  private final SpareRoom spare;
  private boolean closed;

  private MetadataDatabase(Path file, Connection connection) {
    this.file = file;
    this.connection = connection;
    this.transaction = new Transaction(connection);
    this.spare = new SpareRoom(Path.of(file + SPARE));
  }

  /// Opens the file, making or migrating it as needed. A damaged file, or one of a newer version,
  /// is moved to `<file>.damaged` (replacing an earlier one) and what can be read of it is copied
  /// over. Caller closes.
  ///
  /// @throws WrongState another process holds it
  public static MetadataDatabase open(Path file, List<Schema> schemas) {
    try {
      return openSound(file, schemas);
    } catch (CorruptData damage) {
      log.warn("the metadata database {} is damaged and will be salvaged: {}", file, damage.text());
      Path damaged = setAside(file);
      MetadataDatabase fresh = openSound(file, schemas);
      long rows =
          fresh.write(ignored -> new Salvage(fresh.connection, damaged, schemas).copyRows());
      log.warn("salvaged {} rows of the metadata database; the damaged file is {}", rows, damaged);
      return fresh;
    }
  }

  private static MetadataDatabase openSound(Path file, List<Schema> schemas) {
    Connection connection;
    boolean isNew = !Files.exists(file);
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      connection = DriverManager.getConnection("jdbc:sqlite:" + file);
    } catch (IOException failed) {
      throw new WrongState(
          "cannot make the directory of " + file + ": " + failed.getMessage(), failed);
    } catch (SQLException failed) {
      throw translated(failed, file);
    }
    MetadataDatabase database = new MetadataDatabase(file, connection);
    try {
      // What is empty has nothing to lose, and each fsync of making it takes milliseconds.
      database.prepareConnection(isNew ? "OFF" : "NORMAL");
      database.check();
      for (Schema schema : schemas) {
        database.migrate(schema);
      }
      database.setSynchronous("NORMAL");
      return database;
    } catch (SQLException failed) {
      database.close();
      throw translated(failed, file);
    } catch (BuildFailure failed) {
      database.close();
      throw failed;
    }
  }

  /// Exclusive locking keeps a second daemon out and needs no shared-memory file.
  private synchronized void prepareConnection(String synchronous) throws SQLException {
    setSynchronous(synchronous);
    try (Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA locking_mode=EXCLUSIVE");
      statement.execute("PRAGMA journal_mode=WAL");
      statement.execute("PRAGMA temp_store=MEMORY");
      statement.execute("PRAGMA cache_size=-8192");
      statement.execute("PRAGMA trusted_schema=OFF");
      statement.execute(
          "CREATE TABLE IF NOT EXISTS schema_versions (room TEXT PRIMARY KEY, version INTEGER NOT"
              + " NULL)");
    }
  }

  private synchronized void setSynchronous(String mode) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA synchronous=" + mode);
    }
  }

  private void check() {
    List<String> findings = read(sql -> sql.query("PRAGMA quick_check(1)", row -> row.text(1)));
    if (!findings.equals(List.of("ok"))) {
      throw new CorruptData("metadata database " + file + ": " + findings);
    }
  }

  private void migrate(Schema schema) {
    write(
        sql -> {
          List<Long> versions =
              sql.query(
                  "SELECT version FROM schema_versions WHERE room = ?",
                  row -> row.number(1),
                  schema.room());
          long version = versions.isEmpty() ? 0 : versions.getFirst();
          if (version > schema.migrations().size()) {
            throw new CorruptData(
                "tables of "
                    + schema.room()
                    + " have version "
                    + version
                    + ", this daemon knows "
                    + schema.migrations().size());
          }
          try (Statement statement = connection.createStatement()) {
            for (String script :
                schema.migrations().subList((int) version, schema.migrations().size())) {
              statement.executeUpdate(script);
            }
          }
          return sql.execute(
              "INSERT OR REPLACE INTO schema_versions VALUES (?, ?)",
              schema.room(),
              schema.migrations().size());
        });
  }

  /// Reads.
  public synchronized <T> T read(Work<T> work) {
    try {
      requireOpen();
      return work.run(transaction);
    } catch (SQLException failed) {
      throw translated(failed, file);
    }
  }

  /// Gives the room put aside for removals back when the disk is full, so that a daemon can start
  /// there.
  public static void makeRoom(Path file) {
    Path directory = file.toAbsolutePath().resolveSibling("");
    if (Files.isDirectory(directory) && isDiskFull(directory)) {
      new SpareRoom(Path.of(file + SPARE)).giveUp();
    }
  }

  /// Changes, all or nothing. When this returns the changes survive the end of this process.
  ///
  /// @param work run again when it failed and the failure passed
  /// @throws Exhausted the disk is full
  public synchronized <T> T write(Work<T> work) {
    requireOpen();
    try {
      spare.putAside();
      return attempt(work);
    } catch (SQLException failed) {
      throw translated(failed, file);
    }
  }

  /// As [#write], for changes that say what is gone: these succeed on a full disk too, as long as
  /// the room put aside for them lasts.
  public synchronized <T> T writeRemoval(Work<T> work) {
    requireOpen();
    try {
      return attempt(work);
    } catch (SQLException failed) {
      if (!(translated(failed, file) instanceof Exhausted) || !spare.giveUp()) {
        throw translated(failed, file);
      }
      log.warn("the disk of {} is full; what was put aside is used for removing things", file);
    }
    try {
      return attempt(work);
    } catch (SQLException failed) {
      throw translated(failed, file);
    }
  }

  private <T> T attempt(Work<T> work) throws SQLException {
    connection.setAutoCommit(false);
    try {
      T result = work.run(transaction);
      connection.commit();
      connection.setAutoCommit(true);
      return result;
    } catch (SQLException | RuntimeException failed) {
      rollBack(failed);
      throw failed;
    }
  }

  /// SQLite has rolled back itself when the disk was full. Statements that failed cannot be used
  /// again, so all are made anew.
  private void rollBack(Exception failed) {
    try {
      transaction.closeStatements();
    } catch (SQLException useless) {
      failed.addSuppressed(useless);
    }
    try {
      connection.rollback();
    } catch (SQLException done) {
      failed.addSuppressed(done);
    }
    try {
      connection.setAutoCommit(true);
    } catch (SQLException second) {
      failed.addSuppressed(second);
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new WrongState("the metadata database is closed");
    }
  }

  /// Disk space of the database with its log and a damaged predecessor, in bytes.
  public long bytes() {
    long sum = 0;
    for (String suffix : SIDE_FILES) {
      sum += length(Path.of(file + suffix)) + length(Path.of(damagedName(file) + suffix));
    }
    return sum + length(Path.of(file + SPARE));
  }

  private static long length(Path path) {
    try {
      return Files.size(path);
    } catch (IOException absent) {
      return 0;
    }
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      transaction.closeStatements();
      connection.close();
    } catch (SQLException failed) {
      log.warn("closing the metadata database {}: {}", file, failed.getMessage());
    }
  }

  private static Path damagedName(Path file) {
    return Path.of(file + ".damaged");
  }

  private static Path setAside(Path file) {
    Path damaged = damagedName(file);
    try {
      for (String suffix : SIDE_FILES) {
        Path from = Path.of(file + suffix);
        Path to = Path.of(damaged + suffix);
        Files.deleteIfExists(to);
        if (Files.exists(from)) {
          Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        }
      }
    } catch (IOException failed) {
      throw new UncheckedIOException("cannot set the damaged database " + file + " aside", failed);
    }
    return damaged;
  }

  /// SQLite's primary result codes are the low byte of the error code.
  private static BuildFailure translated(SQLException failed, Path file) {
    String text = "metadata database " + file + ": " + failed.getMessage();
    return switch (failed.getErrorCode() & 0xff) {
      case 11, 26 -> new CorruptData(text, failed);
      case 13 -> new Exhausted(text, failed);
      case 10 -> isDiskFull(file) ? new Exhausted(text, failed) : new WrongState(text, failed);
      case 5, 6 ->
          new WrongState("metadata database " + file + " is in use by another process", failed);
      default -> new WrongState(text, failed);
    };
  }

  /// Some of what a full disk does shows as a failed write only.
  private static boolean isDiskFull(Path file) {
    try {
      return Files.getFileStore(file).getUsableSpace() < SpareRoom.BYTES;
    } catch (IOException unknown) {
      return false;
    }
  }

  /// A unit of work on the database.
  @FunctionalInterface
  public interface Work<T> {
    T run(Transaction sql) throws SQLException;
  }
}
