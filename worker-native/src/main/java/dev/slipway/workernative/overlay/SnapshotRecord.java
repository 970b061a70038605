package dev.slipway.workernative.overlay;

import dev.slipway.failure.BuildFailure;
import dev.slipway.snapshot.SnapshotKind;
import dev.slipway.snapshot.SnapshotName;
import dev.slipway.snapshot.Snapshotter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The small file that says what a snapshot directory is. Text: `active <name>` or `committed
/// <name>`, then one parent a line, base first, then `end`. The name is repeated inside, so that a
/// directory whose commit was cut off between record and rename is still known as the active one it
/// was.
record SnapshotRecord(SnapshotKind kind, SnapshotName name, List<SnapshotName> parents) {
  private static final String FILE = "record";
  private static final String END = "end";

  SnapshotRecord {
    parents = List.copyOf(parents);
  }

  /// Replaces the record in the directory atomically.
  void write(Path directory) throws IOException {
    StringBuilder text = new StringBuilder();
    text.append(kind == SnapshotKind.COMMITTED ? "committed " : "active ")
        .append(name)
        .append('\n');
    parents.forEach(parent -> text.append(parent).append('\n'));
    text.append(END).append('\n');
    Path written = directory.resolve("record.new");
    Files.writeString(written, text);
    Files.move(written, directory.resolve(FILE), StandardCopyOption.ATOMIC_MOVE);
  }

  /// What the directory holds; empty when it is not a whole snapshot.
  ///
  /// @param directory named like the snapshot
  static Optional<SnapshotRecord> read(Path directory) {
    try {
      List<String> lines = Files.readAllLines(directory.resolve(FILE));
      if (lines.size() < 2 || !lines.getLast().equals(END)) {
        return Optional.empty();
      }
      String[] head = lines.getFirst().split(" ");
      SnapshotName own = new SnapshotName(directory.getFileName().toString());
      List<SnapshotName> parents = new ArrayList<>();
      lines.subList(1, lines.size() - 1).forEach(line -> parents.add(new SnapshotName(line)));
      boolean committed = head[0].equals("committed") && head[1].equals(own.value());
      return Optional.of(
          new SnapshotRecord(
              committed ? SnapshotKind.COMMITTED : SnapshotKind.ACTIVE, own, parents));
    } catch (IOException | BuildFailure | IndexOutOfBoundsException torn) {
      return Optional.empty();
    }
  }

  Snapshotter.Info info() {
    return new Snapshotter.Info(name, kind, parents);
  }
}
