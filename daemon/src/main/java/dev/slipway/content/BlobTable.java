package dev.slipway.content;

import dev.slipway.metadata.MetadataDatabase;
import dev.slipway.metadata.Schema;
import dev.slipway.metadata.Transaction.Row;
import dev.slipway.oci.Digest;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Records of blobs in the database, one row each. Labels are one text, `key=value&…` percent-encoded, so that a row stands for itself.
final class BlobTable {
  static final Schema SCHEMA =
      new Schema(
          "content",
          List.of("blobs"),
          List.of(
              """
              CREATE TABLE blobs (
                digest TEXT PRIMARY KEY,
                bytes INTEGER NOT NULL,
                committed_millis INTEGER NOT NULL,
                labels TEXT NOT NULL)"""));

  private final MetadataDatabase database;

  BlobTable(MetadataDatabase database) {
    this.database = database;
  }

  List<BlobInfo> all() {
    return database
        .read(sql -> sql.query("SELECT digest, bytes, committed_millis, labels FROM blobs", BlobTable::read))
        .stream()
        .flatMap(Optional::stream)
        .toList();
  }

  /// A row that makes no sense (after a salvage) is no record.
  private static Optional<BlobInfo> read(Row row) throws SQLException {
    String digest = row.text(1);
    if (!Digest.isDigest(digest)) {
      return Optional.empty();
    }
    return Optional.of(
        new BlobInfo(Digest.parse(digest), row.number(2), Instant.ofEpochMilli(row.number(3)), decodeLabels(row.text(4))));
  }

  void insert(BlobInfo info) {
    database.write(
        sql ->
            sql.execute(
                "INSERT OR REPLACE INTO blobs VALUES (?, ?, ?, ?)",
                info.digest().toString(),
                info.bytes(),
                info.committedAt().toEpochMilli(),
                encodeLabels(info.labels())));
  }

  void updateLabels(BlobInfo info) {
    database.write(
        sql -> sql.execute("UPDATE blobs SET labels = ? WHERE digest = ?", encodeLabels(info.labels()), info.digest().toString()));
  }

  void deleteAll(Collection<Digest> digests) {
    if (digests.isEmpty()) {
      return;
    }
    database.write(
        sql -> {
          int deleted = 0;
          for (Digest digest : digests) {
            deleted += sql.execute("DELETE FROM blobs WHERE digest = ?", digest.toString());
          }
          return deleted;
        });
  }

  static String encodeLabels(Map<String, String> labels) {
    List<String> pairs = new ArrayList<>();
    new TreeMap<>(labels)
        .forEach(
            (key, value) ->
                pairs.add(URLEncoder.encode(key, StandardCharsets.UTF_8) + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8)));
    return String.join("&", pairs);
  }

  static Map<String, String> decodeLabels(String text) {
    Map<String, String> labels = new TreeMap<>();
    for (String pair : text.split("&")) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        labels.put(
            URLDecoder.decode(pair.substring(0, equals), StandardCharsets.UTF_8),
            URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
      }
    }
    return labels;
  }
}
