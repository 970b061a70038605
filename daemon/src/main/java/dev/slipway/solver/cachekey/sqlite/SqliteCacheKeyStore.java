package dev.slipway.solver.cachekey.sqlite;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.CorruptData;
import dev.slipway.oci.Digest;
import dev.slipway.solver.cachekey.Alternative;
import dev.slipway.solver.cachekey.CacheKeyStore;
import dev.slipway.solver.cachekey.KeyId;
import dev.slipway.solver.cachekey.KeyLink;
import dev.slipway.solver.cachekey.KeyMatch;
import dev.slipway.solver.cachekey.KeyRecord;
import dev.slipway.solver.cachekey.KeyResult;
import dev.slipway.task.Clock;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/// The graph in one SQLite file. Opening reads next to nothing, whatever the size. Thread-safe: see
/// [Database].
///
/// Crash-only: after a kill the file is whole, has every result that was recorded, and lacks at
/// most the links of the last tenth of a second; after a power cut it may lack somewhat more. A
/// file that is damaged all the same is set aside, and what can be read of it is copied into a new
/// one.
public final class SqliteCacheKeyStore implements CacheKeyStore {
  // CROSS JOIN keeps the order in which the tables are named: without statistics the planner may
  // walk all keys instead.
  private static final String FIND_KEY = "SELECT no FROM keys WHERE id = ?";
  private static final String ADD_KEY = "INSERT INTO keys (id, shareable) VALUES (?, ?)";
  private static final String FIND_WAY =
      "SELECT no FROM ways WHERE operation = ? AND output = ? AND input = ? AND selector = ?";
  private static final String ADD_WAY =
      "INSERT INTO ways (operation, output, input, selector) VALUES (?, ?, ?, ?)";
  private static final String FOLLOW =
      "SELECT k.no, k.id FROM links l CROSS JOIN keys k ON k.no = l.target WHERE l.source = ? AND l.way = ? ORDER BY l.target";
  private static final String ADD_LINK =
      "INSERT OR IGNORE INTO links (source, way, target) VALUES (?, ?, ?)";
  private static final String HAS_LINKS = "SELECT 1 FROM links WHERE source = ? LIMIT 1";
  private static final String RESULTS =
      "SELECT id, second, nano FROM results WHERE key = ? ORDER BY second, nano";
  private static final String ADD_RESULT =
      "INSERT OR REPLACE INTO results (key, id, second, nano) VALUES (?, ?, ?, ?)";
  private static final String KEYS_OF_RESULT =
      "SELECT k.no, k.id FROM results r CROSS JOIN keys k ON k.no = r.key WHERE r.id = ? ORDER BY r.key";
  private static final String REMOVE_RESULT = "DELETE FROM results WHERE id = ?";
  private static final String SOURCES = "SELECT DISTINCT source FROM links WHERE target = ?";
  private static final String REMOVE_LINKS_TO = "DELETE FROM links WHERE target = ?";
  private static final String REMOVE_KEY = "DELETE FROM keys WHERE no = ?";
  private static final String ORIGINS =
      """
      SELECT s.id, w.input, w.operation, w.output, w.selector FROM links l
      CROSS JOIN keys s ON s.no = l.source CROSS JOIN ways w ON w.no = l.way WHERE l.target = ?""";
  private static final String CONTINUATIONS =
      """
      SELECT t.id, w.input, w.operation, w.output, w.selector FROM links l
      CROSS JOIN keys t ON t.no = l.target CROSS JOIN ways w ON w.no = l.way WHERE l.source = ?""";
  private static final String ANY_OF =
      """
      SELECT k.id FROM ways w CROSS JOIN links l ON l.way = w.no CROSS JOIN keys k ON k.no = l.target
      WHERE w.operation = ? AND w.output = ? ORDER BY l.target DESC LIMIT 1""";
  private static final String USEFUL =
      """
      SELECT k.no, k.id FROM keys k WHERE k.no > ?
      AND (EXISTS (SELECT 1 FROM results r WHERE r.key = k.no) OR EXISTS (SELECT 1 FROM links l WHERE l.source = k.no))
      ORDER BY k.no LIMIT 1000""";

  private final Database database;
  private final Salvage salvage;

  private SqliteCacheKeyStore(Database database, Salvage salvage) {
    this.database = database;
    this.salvage = salvage;
  }

  /// Opens the store, or makes an empty one. Caller closes.
  ///
  /// @param file such as `<root>/cachekeys.db`; its folder exists
  /// @throws BuildFailure when it cannot be opened and is not merely damaged
  public static SqliteCacheKeyStore open(Path file, Clock clock) {
    Salvage salvage = new Salvage(file);
    try {
      if (salvage.isNeeded()) {
        return salvaged(file, clock, salvage);
      }
      return new SqliteCacheKeyStore(Database.open(file, clock), salvage);
    } catch (SQLException failure) {
      if (Database.isDamage(failure)) {
        return salvaged(file, clock, salvage);
      }
      throw Database.translated("open", failure);
    }
  }

  @Override
  public Optional<KeyMatch> find(KeyId key) {
    return read(
        db -> {
          OptionalLong number = number(db, key);
          if (number.isEmpty()) {
            return Optional.empty();
          }
          KeyMatch match = new KeyMatch(key, results(db, number.getAsLong()));
          return match.results().isEmpty() && !hasLinks(db, number.getAsLong())
              ? Optional.empty()
              : Optional.of(match);
        });
  }

  @Override
  public List<KeyMatch> follow(KeyId source, KeyLink link) {
    return read(
        db -> {
          OptionalLong from = number(db, source);
          OptionalLong way = from.isEmpty() ? from : way(db, link);
          if (way.isEmpty()) {
            return List.of();
          }
          List<KeyMatch> reached = new ArrayList<>();
          for (Numbered target : numbered(query(db, FOLLOW, from.getAsLong(), way.getAsLong()))) {
            reached.add(new KeyMatch(target.key(), results(db, target.number())));
          }
          return reached;
        });
  }

  @Override
  public List<Origin> origins(KeyId key) {
    return read(
        db -> {
          List<Origin> origins = new ArrayList<>();
          for (Linked linked : linked(db, ORIGINS, key)) {
            origins.add(new Origin(linked.other(), linked.link()));
          }
          return origins;
        });
  }

  @Override
  public List<Continuation> continuations(KeyId key) {
    return read(
        db -> {
          List<Continuation> continuations = new ArrayList<>();
          for (Linked linked : linked(db, CONTINUATIONS, key)) {
            continuations.add(new Continuation(linked.link(), linked.other()));
          }
          return continuations;
        });
  }

  @Override
  public Optional<KeyId> anyOf(Digest operation, int output) {
    return read(
        db -> {
          try (ResultSet rows = query(db, ANY_OF, Names.encode(operation), output)) {
            return rows.next() ? Optional.of(Names.key(rows.getBytes(1))) : Optional.empty();
          }
        });
  }

  @Override
  public void walk(Consumer<KeyId> to) {
    long after = -1;
    while (true) {
      long from = after;
      List<Numbered> some = read(db -> numbered(query(db, USEFUL, from)));
      if (some.isEmpty()) {
        return;
      }
      some.forEach(one -> to.accept(one.key()));
      after = some.getLast().number();
    }
  }

  @Override
  public KeyId record(KeyRecord record, Optional<KeyResult> result) {
    List<KeyMatch> known = matches(record);
    KeyId key = known.isEmpty() ? record.freshId() : known.getFirst().key();
    recordAs(key, record, result);
    return key;
  }

  @Override
  public void recordAs(KeyId key, KeyRecord record, Optional<KeyResult> result) {
    write(
        db -> {
          for (int input = 0; input < record.inputs().size(); input++) {
            for (Alternative alternative : record.inputs().get(input)) {
              KeyLink link = alternative.asInput(input, record.operation(), record.output());
              update(
                  db,
                  ADD_LINK,
                  numberOrNew(db, alternative.key()),
                  wayOrNew(db, link),
                  numberOrNew(db, key));
            }
          }
          if (result.isPresent()) {
            add(db, key, result.get());
            db.commit();
          }
          return true;
        });
  }

  void addResult(KeyId key, KeyResult result) {
    write(
        db -> {
          add(db, key, result);
          return true;
        });
  }

  @Override
  public void removeResult(String resultId) {
    write(
        db -> {
          List<Numbered> keys = numbered(query(db, KEYS_OF_RESULT, resultId));
          update(db, REMOVE_RESULT, resultId);
          for (Numbered key : keys) {
            prune(db, key.number());
          }
          return true;
        });
  }

  @Override
  public List<KeyId> keysOf(String resultId) {
    return read(
        db -> numbered(query(db, KEYS_OF_RESULT, resultId)).stream().map(Numbered::key).toList());
  }

  @Override
  public void close() {
    database.close();
  }

  private static void add(Database db, KeyId key, KeyResult result) throws SQLException {
    Instant created = result.createdAt();
    update(
        db,
        ADD_RESULT,
        numberOrNew(db, key),
        result.id(),
        created.getEpochSecond(),
        created.getNano());
  }

  /// Removes the key when nothing is reached through it any more, then what led to nothing but it.
  private static void prune(Database db, long start) throws SQLException {
    Deque<Long> open = new ArrayDeque<>(List.of(start));
    while (!open.isEmpty()) {
      long key = open.pop();
      if (hasLinks(db, key) || !results(db, key).isEmpty()) {
        continue;
      }
      try (ResultSet sources = query(db, SOURCES, key)) {
        while (sources.next()) {
          open.push(sources.getLong(1));
        }
      }
      update(db, REMOVE_LINKS_TO, key);
      update(db, REMOVE_KEY, key);
    }
  }

  private static List<KeyResult> results(Database db, long key) throws SQLException {
    List<KeyResult> found = new ArrayList<>();
    try (ResultSet rows = query(db, RESULTS, key)) {
      while (rows.next()) {
        found.add(
            new KeyResult(
                rows.getString(1), Instant.ofEpochSecond(rows.getLong(2), rows.getInt(3))));
      }
    }
    return found;
  }

  private static boolean hasLinks(Database db, long key) throws SQLException {
    try (ResultSet rows = query(db, HAS_LINKS, key)) {
      return rows.next();
    }
  }

  private static OptionalLong number(Database db, KeyId key) throws SQLException {
    return single(query(db, FIND_KEY, (Object) Names.encode(key)));
  }

  private static long numberOrNew(Database db, KeyId key) throws SQLException {
    OptionalLong known = number(db, key);
    return known.isPresent()
        ? known.getAsLong()
        : insert(db, ADD_KEY, Names.encode(key), key.isShareable() ? 1 : 0);
  }

  private static OptionalLong way(Database db, KeyLink link) throws SQLException {
    return single(
        query(
            db,
            FIND_WAY,
            Names.encode(link.operation()),
            link.output(),
            link.input(),
            Names.encode(link.selector())));
  }

  private static long wayOrNew(Database db, KeyLink link) throws SQLException {
    OptionalLong known = way(db, link);
    return known.isPresent()
        ? known.getAsLong()
        : insert(
            db,
            ADD_WAY,
            Names.encode(link.operation()),
            link.output(),
            link.input(),
            Names.encode(link.selector()));
  }

  private static List<Numbered> numbered(ResultSet rows) throws SQLException {
    List<Numbered> found = new ArrayList<>();
    try (rows) {
      while (rows.next()) {
        found.add(new Numbered(rows.getLong(1), Names.key(rows.getBytes(2))));
      }
    }
    return found;
  }

  private static List<Linked> linked(Database db, String sql, KeyId key) throws SQLException {
    List<Linked> found = new ArrayList<>();
    OptionalLong number = number(db, key);
    if (number.isPresent()) {
      try (ResultSet rows = query(db, sql, number.getAsLong())) {
        while (rows.next()) {
          KeyLink link =
              new KeyLink(
                  rows.getInt(2),
                  Names.digest(rows.getBytes(3)),
                  rows.getInt(4),
                  Names.selector(rows.getBytes(5)));
          found.add(new Linked(Names.key(rows.getBytes(1)), link));
        }
      }
    }
    return found;
  }

  private static OptionalLong single(ResultSet rows) throws SQLException {
    try (rows) {
      return rows.next() ? OptionalLong.of(rows.getLong(1)) : OptionalLong.empty();
    }
  }

  private static ResultSet query(Database db, String sql, Object... values) throws SQLException {
    return bound(db, sql, values).executeQuery();
  }

  private static void update(Database db, String sql, Object... values) throws SQLException {
    bound(db, sql, values).executeUpdate();
  }

  private static long insert(Database db, String sql, Object... values) throws SQLException {
    update(db, sql, values);
    return single(query(db, "SELECT last_insert_rowid()")).orElseThrow();
  }

  private static PreparedStatement bound(Database db, String sql, Object... values)
      throws SQLException {
    PreparedStatement statement = db.prepared(sql);
    for (int index = 0; index < values.length; index++) {
      statement.setObject(index + 1, values[index]);
    }
    return statement;
  }

  private static SqliteCacheKeyStore salvaged(Path file, Clock clock, Salvage salvage) {
    try {
      Path damaged = salvage.setAside();
      SqliteCacheKeyStore store = new SqliteCacheKeyStore(Database.open(file, clock), salvage);
      salvage.copy(damaged, store);
      return store;
    } catch (SQLException failure) {
      throw Database.translated("open", failure);
    }
  }

  private <T> T read(Database.Use<T> use) {
    try {
      return database.read(use);
    } catch (CorruptData damage) {
      salvage.request();
      throw damage;
    }
  }

  private <T> T write(Database.Use<T> use) {
    try {
      return database.write(use);
    } catch (CorruptData damage) {
      salvage.request();
      throw damage;
    }
  }

  private record Numbered(long number, KeyId key) {}

  private record Linked(KeyId other, KeyLink link) {}
}
