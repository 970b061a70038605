package dev.slipway.metadata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.failure.Exhausted;
import dev.slipway.failure.WrongState;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MetadataDatabaseTest {
  private static final Schema FIRST =
      new Schema(
          "room",
          List.of("things"),
          List.of("CREATE TABLE things (name TEXT PRIMARY KEY, size INTEGER)"));
  private static final Schema SECOND =
      new Schema(
          "room",
          List.of("things"),
          List.of(
              FIRST.migrations().getFirst(),
              "ALTER TABLE things ADD COLUMN colour TEXT NOT NULL DEFAULT 'grey'"));

  @TempDir Path folder;

  private MetadataDatabase open(Schema schema) {
    return MetadataDatabase.open(folder.resolve("metadata.db"), List.of(schema));
  }

  private static void insert(MetadataDatabase database, String name, long size) {
    database.write(sql -> sql.execute("INSERT INTO things (name, size) VALUES (?, ?)", name, size));
  }

  private static List<String> names(MetadataDatabase database) {
    return database.read(
        sql -> sql.query("SELECT name FROM things ORDER BY rowid", row -> row.text(1)));
  }

  @Test
  void writtenRowsAreThereAfterReopening() {
    try (MetadataDatabase database = open(FIRST)) {
      insert(database, "a", 1);
    }
    try (MetadataDatabase database = open(FIRST)) {
      assertThat(names(database)).containsExactly("a");
    }
  }

  @Test
  void failedWriteChangesNothing() {
    try (MetadataDatabase database = open(FIRST)) {
      assertThatThrownBy(
              () ->
                  database.write(
                      sql -> {
                        sql.execute(
                            "INSERT INTO things (name, size) VALUES (?, ?)", "a", Optional.empty());
                        throw new IllegalStateException("no");
                      }))
          .isInstanceOf(IllegalStateException.class);

      assertThat(names(database)).isEmpty();
      insert(database, "b", 1);
      assertThat(names(database)).containsExactly("b");
    }
  }

  @Test
  void aFullDiskFailsTheWriteAndNotTheNextOnes() {
    try (MetadataDatabase database = open(FIRST)) {
      insert(database, "a", 1);
      limitPages(database, "page_count");

      assertThatThrownBy(() -> insert(database, "x".repeat(100_000), 1))
          .isInstanceOf(Exhausted.class)
          .hasMessageContaining("full");
      assertThat(folder.resolve("metadata.db.spare")).exists();

      limitPages(database, "1000000");
      insert(database, "b", 1);
      assertThat(names(database)).containsExactly("a", "b");
    }
  }

  @Test
  void onAFullDiskRemovalsGetTheRoomThatWasPutAside() {
    try (MetadataDatabase database = open(FIRST)) {
      insert(database, "a", 1);
      limitPages(database, "page_count");

      int[] attempts = {0};
      database.writeRemoval(
          sql -> {
            if (attempts[0]++ == 0) {
              sql.execute("INSERT INTO things (name) VALUES (?)", "x".repeat(100_000));
            }
            return sql.execute("DELETE FROM things WHERE name = ?", "a");
          });

      assertThat(attempts[0]).isEqualTo(2);
      assertThat(names(database)).isEmpty();
      assertThat(folder.resolve("metadata.db.spare")).doesNotExist();
      limitPages(database, "1000000");
      insert(database, "b", 1);
      assertThat(folder.resolve("metadata.db.spare")).exists();
    }
  }

  private static void limitPages(MetadataDatabase database, String limit) {
    database.read(
        sql -> {
          long pages =
              limit.equals("page_count")
                  ? sql.query("PRAGMA page_count", row -> row.number(1)).getFirst()
                  : Long.parseLong(limit);
          return sql.query("PRAGMA max_page_count = " + pages, row -> row.number(1));
        });
  }

  @Test
  void olderTablesAreMigratedWithTheirRows() {
    try (MetadataDatabase database = open(FIRST)) {
      insert(database, "a", 1);
    }
    try (MetadataDatabase database = open(SECOND)) {
      List<String> colours =
          database.read(sql -> sql.query("SELECT colour FROM things", row -> row.text(1)));
      assertThat(colours).containsExactly("grey");
    }
  }

  @Test
  void tablesOfANewerVersionAreSetAsideAndTheirKnownColumnsKept() {
    try (MetadataDatabase database = open(SECOND)) {
      insert(database, "a", 1);
    }
    try (MetadataDatabase database = open(FIRST)) {
      assertThat(names(database)).containsExactly("a");
    }
    assertThat(folder.resolve("metadata.db.damaged")).exists();
  }

  @Test
  void secondDaemonOnTheSameFileIsRefused() {
    try (MetadataDatabase first = open(FIRST)) {
      insert(first, "a", 1);
      assertThatThrownBy(() -> open(FIRST))
          .isInstanceOf(WrongState.class)
          .hasMessageContaining("in use");
    }
  }

  @Test
  void rowsOutsideADamagedPageAreSalvaged() throws IOException {
    int rows = 20_000;
    try (MetadataDatabase database = open(FIRST)) {
      database.write(
          sql -> {
            for (int i = 0; i < rows; i++) {
              sql.execute(
                  "INSERT INTO things (name, size) VALUES (?, ?)",
                  "a name that fills some bytes " + i,
                  (long) i);
            }
            return rows;
          });
    }
    Path file = folder.resolve("metadata.db");
    long pages = Files.size(file) / 4096;
    try (RandomAccessFile raw = new RandomAccessFile(file.toFile(), "rw")) {
      for (long page : List.of(pages / 3, pages / 2, 2 * pages / 3)) {
        raw.seek(page * 4096);
        byte[] rubbish = new byte[4096];
        java.util.Arrays.fill(rubbish, (byte) 0xa5);
        raw.write(rubbish);
      }
    }

    try (MetadataDatabase database = open(FIRST)) {
      assertThat(names(database)).hasSizeBetween(rows * 9 / 10, rows);
      insert(database, "new", 1);
    }
    try (MetadataDatabase database = open(FIRST)) {
      assertThat(names(database)).contains("new");
    }
  }

  @Test
  void rowsBeforeTheEndOfATruncatedFileAreSalvaged() throws IOException {
    try (MetadataDatabase database = open(FIRST)) {
      database.write(
          sql -> {
            for (int i = 0; i < 20_000; i++) {
              sql.execute(
                  "INSERT INTO things (name, size) VALUES (?, ?)",
                  "a name that fills some bytes " + i,
                  (long) i);
            }
            return 0;
          });
    }
    Path file = folder.resolve("metadata.db");
    try (RandomAccessFile raw = new RandomAccessFile(file.toFile(), "rw")) {
      raw.setLength(raw.length() * 3 / 4);
    }

    try (MetadataDatabase database = open(FIRST)) {
      assertThat(names(database)).hasSizeGreaterThan(10_000);
    }
  }

  @Test
  void truncatedFileNeverKeepsTheDaemonFromStarting() throws IOException {
    try (MetadataDatabase database = open(FIRST)) {
      for (int i = 0; i < 200; i++) {
        insert(database, "a name that fills some bytes " + i, i);
      }
    }
    Path file = folder.resolve("metadata.db");
    for (long length : List.of(Files.size(file) / 2, 5000L, 100L, 1L)) {
      try (RandomAccessFile raw = new RandomAccessFile(file.toFile(), "rw")) {
        raw.setLength(Math.min(length, raw.length()));
      }
      try (MetadataDatabase database = open(FIRST)) {
        insert(database, "after " + length, 1);
      }
    }
    try (MetadataDatabase database = open(FIRST)) {
      assertThat(names(database)).contains("after 1");
    }
  }
}
