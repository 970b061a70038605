package dev.slipway.ref;

import dev.slipway.failure.BuildFailure;
import dev.slipway.metadata.MetadataDatabase;
import dev.slipway.metadata.Schema;
import dev.slipway.metadata.TextMap;
import dev.slipway.metadata.Transaction;
import dev.slipway.metadata.Transaction.Row;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.DiffId;
import dev.slipway.oci.Digest;
import dev.slipway.oci.MediaType;
import dev.slipway.ref.RefDescription.RecordType;
import dev.slipway.snapshot.SnapshotName;
import java.sql.SQLException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Records of refs in the database: one row a record that says everything about it, so that a
/// salvaged row is worth something alone.
final class RefTable {
  static final Schema SCHEMA =
      new Schema(
          "ref",
          List.of("refs"),
          List.of(
              """
              CREATE TABLE refs (
                id TEXT PRIMARY KEY,
                shape TEXT NOT NULL,
                parents TEXT NOT NULL,
                layers TEXT NOT NULL,
                twin TEXT,
                mutable INTEGER NOT NULL,
                files TEXT NOT NULL,
                snapshot TEXT,
                file_bytes INTEGER NOT NULL,
                diff_id TEXT,
                blobs TEXT NOT NULL,
                origin_kind TEXT,
                origin_reference TEXT,
                tag TEXT,
                being_written INTEGER NOT NULL,
                description TEXT NOT NULL,
                type TEXT NOT NULL,
                created_millis INTEGER NOT NULL,
                used_millis INTEGER,
                usage_count INTEGER NOT NULL,
                content_key TEXT NOT NULL)\
              """));

  private static final Logger log = LoggerFactory.getLogger(RefTable.class);
  private static final String COLUMNS =
      "id, shape, parents, layers, twin, mutable, files, snapshot, file_bytes, diff_id, blobs,"
          + " origin_kind, origin_reference, tag, being_written, description, type, created_millis,"
          + " used_millis, usage_count, content_key";

  private final MetadataDatabase database;

  RefTable(MetadataDatabase database) {
    this.database = database;
  }

  /// @param beingWritten a user had it open for writing when it was stored
  record Loaded(RefRecord record, boolean beingWritten) {}

  /// All rows that make sense.
  List<Loaded> all() {
    List<Optional<Loaded>> rows =
        database.read(
            sql -> sql.query("SELECT " + COLUMNS + " FROM refs ORDER BY rowid", RefTable::read));
    return rows.stream().flatMap(Optional::stream).toList();
  }

  /// Brings the table up to date with the graph, in one transaction. What is written is read from
  /// the graph inside the transaction, so of concurrent calls the last one writes the newest state.
  /// After a failure the changes are still due.
  void store(RefGraph graph) {
    if (!graph.hasChanges()) {
      return;
    }
    storeBy(database::write, graph);
  }

  /// As [#store], also on a full disk: something was removed.
  void storeRemoval(RefGraph graph) {
    if (graph.hasChanges()) {
      storeBy(database::writeRemoval, graph);
    }
  }

  private interface Write {
    int run(MetadataDatabase.Work<Integer> work);
  }

  /// Changes are taken within the transaction, so that they are stored in the order in which they
  /// were made; those of an attempt that failed are taken again by the next.
  private static void storeBy(Write write, RefGraph graph) {
    List<RefGraph.Changes> taken = new ArrayList<>();
    boolean stored = false;
    try {
      write.run(
          sql -> {
            taken.forEach(graph::giveBack);
            taken.clear();
            taken.add(graph.takeChanges());
            return store(sql, taken.getFirst());
          });
      stored = true;
    } finally {
      if (!stored) {
        taken.forEach(graph::giveBack);
      }
    }
  }

  private static int store(Transaction sql, RefGraph.Changes changes) throws SQLException {
    for (RefId removed : changes.removed()) {
      sql.execute("DELETE FROM refs WHERE id = ?", removed.value());
    }
    for (Object[] row : changes.rows()) {
      insert(sql, row);
    }
    return changes.rows().size();
  }

  private static void insert(Transaction sql, Object[] row) throws SQLException {
    sql.execute(
        "INSERT OR REPLACE INTO refs ("
            + COLUMNS
            + ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        row);
  }

  /// The row of a record; call with the graph's monitor held.
  static Object[] row(RefRecord record) {
    Optional<String> twin =
        record.shape instanceof Shape.Own own ? own.twin().map(RefId::value) : Optional.empty();
    String layers = record.shape instanceof Shape.Stack stack ? joined(stack.layers()) : "";
    return new Object[] {
      record.id.value(),
      record.shape instanceof Shape.Own ? "own" : "stack",
      joined(record.shape.parents()),
      layers,
      twin,
      record.mutable ? 1 : 0,
      switch (record.files) {
        case LayerFiles.Absent() -> "absent";
        case LayerFiles.Active(_) -> "active";
        case LayerFiles.Committed(_) -> "committed";
      },
      record.files.snapshot().map(SnapshotName::value),
      record.fileBytes,
      record.diffId.map(DiffId::toString),
      record.blobs.stream().map(RefTable::text).collect(Collectors.joining("\n")),
      record.origin.map(LayerOrigin::kind),
      record.origin.map(LayerOrigin::reference),
      record.tag,
      record.mutable && record.holds > 0 ? 1 : 0,
      record.description.text(),
      record.description.type().text(),
      record.createdAt.toEpochMilli(),
      record.lastUsedAt.map(Instant::toEpochMilli),
      record.usageCount,
      record.contentKey
    };
  }

  private static Optional<Loaded> read(Row row) throws SQLException {
    try {
      RefId id = new RefId(row.text(1));
      List<RefId> parents = ids(row.text(3));
      Shape shape =
          switch (row.text(2)) {
            case "own" ->
                new Shape.Own(parents.stream().findFirst(), row.optionalText(5).map(RefId::new));
            case "stack" -> new Shape.Stack(ids(row.text(4)), parents);
            default -> throw new IllegalArgumentException("shape " + row.text(2));
          };
      RefRecord record =
          new RefRecord(
              id,
              shape,
              new RefDescription(row.text(16), type(row.text(17))),
              Instant.ofEpochMilli(row.number(18)));
      record.mutable = row.number(6) != 0;
      Optional<SnapshotName> snapshot = row.optionalText(8).map(SnapshotName::new);
      record.files =
          switch (row.text(7)) {
            case "active" -> new LayerFiles.Active(snapshot.orElseThrow());
            case "committed" -> new LayerFiles.Committed(snapshot.orElseThrow());
            default -> new LayerFiles.Absent();
          };
      record.fileBytes = row.number(9);
      record.diffId = row.optionalText(10).map(DiffId::parse);
      row.text(11)
          .lines()
          .filter(line -> !line.isEmpty())
          .map(RefTable::descriptor)
          .forEach(record::addBlob);
      Optional<String> kind = row.optionalText(12);
      record.origin =
          kind.isPresent()
              ? row.optionalText(13).map(reference -> new LayerOrigin(kind.get(), reference))
              : Optional.empty();
      record.tag = row.optionalText(14);
      record.lastUsedAt = row.optionalNumber(19).map(Instant::ofEpochMilli);
      record.usageCount = (int) row.number(20);
      record.contentKey = row.text(21);
      return Optional.of(new Loaded(record, row.number(15) != 0));
    } catch (BuildFailure
        | IllegalArgumentException
        | java.util.NoSuchElementException
        | DateTimeException nonsense) {
      log.warn("a row of refs makes no sense and is left out: {}", nonsense.getMessage());
      return Optional.empty();
    }
  }

  private static RecordType type(String text) {
    return Arrays.stream(RecordType.values())
        .filter(type -> type.text().equals(text))
        .findFirst()
        .orElse(RecordType.REGULAR);
  }

  private static String joined(List<RefId> ids) {
    return ids.stream().map(RefId::value).collect(Collectors.joining(" "));
  }

  private static List<RefId> ids(String text) {
    return Arrays.stream(text.split(" ")).filter(id -> !id.isEmpty()).map(RefId::new).toList();
  }

  private static String text(Descriptor blob) {
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("mediaType", blob.mediaType().value());
    fields.put("digest", blob.digest().toString());
    fields.put("size", Long.toString(blob.bytes()));
    if (!blob.urls().isEmpty()) {
      fields.put("urls", String.join(" ", blob.urls()));
    }
    blob.annotations().forEach((key, value) -> fields.put("annotations." + key, value));
    return TextMap.encode(fields);
  }

  private static Descriptor descriptor(String text) {
    Map<String, String> fields = new LinkedHashMap<>(TextMap.decode(text));
    Map<String, String> annotations = new LinkedHashMap<>();
    for (String key : new ArrayList<>(fields.keySet())) {
      if (key.startsWith("annotations.")) {
        annotations.put(key.substring("annotations.".length()), fields.getOrDefault(key, ""));
      }
    }
    return new Descriptor(
            new MediaType(fields.getOrDefault("mediaType", "")),
            Digest.parse(fields.getOrDefault("digest", "")),
            Long.parseLong(fields.getOrDefault("size", "")))
        .withAnnotations(annotations)
        .withUrls(
            Arrays.stream(fields.getOrDefault("urls", "").split(" "))
                .filter(url -> !url.isEmpty())
                .toList());
  }
}
