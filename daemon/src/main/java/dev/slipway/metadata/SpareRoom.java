package dev.slipway.metadata;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Disk space put aside for the day the disk is full: removing something means writing that it is
/// gone, which a full disk would not let happen. Confined to the database's monitor.
final class SpareRoom {
  static final int BYTES = 8 << 20;

  /// The room is only made while so much is free.
  private static final long PLENTY = 8L * BYTES;

  private static final Logger log = LoggerFactory.getLogger(SpareRoom.class);

  private final Path file;

  SpareRoom(Path file) {
    this.file = file;
  }

  /// Puts the space aside, unless that is done or there is little of it.
  void putAside() {
    try {
      if (isThere()
          || Files.getFileStore(file.toAbsolutePath().getParent()).getUsableSpace() < PLENTY) {
        return;
      }
      try (FileChannel out =
          FileChannel.open(
              file,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        ByteBuffer zeros = ByteBuffer.allocateDirect(1 << 20);
        for (int written = 0; written < BYTES; written += zeros.capacity()) {
          zeros.clear();
          while (zeros.hasRemaining()) {
            out.write(zeros);
          }
        }
        out.force(true);
      }
    } catch (IOException full) {
      log.debug("no room is put aside in {}: {}", file, full.getMessage());
      giveUp();
    }
  }

  boolean isThere() throws IOException {
    return Files.exists(file) && Files.size(file) == BYTES;
  }

  /// Gives the space back to the disk.
  ///
  /// @return whether there was any
  boolean giveUp() {
    try {
      return Files.deleteIfExists(file);
    } catch (IOException failed) {
      log.warn("{} cannot be deleted: {}", file, failed.getMessage());
      return false;
    }
  }
}
