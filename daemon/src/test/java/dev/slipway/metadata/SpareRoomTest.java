package dev.slipway.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpareRoomTest {
  @TempDir Path folder;

  @Test
  void roomIsPutAsideOnceAndGivenUpOnce() throws IOException {
    SpareRoom room = new SpareRoom(folder.resolve("spare"));

    room.putAside();
    assertThat(Files.size(folder.resolve("spare"))).isEqualTo(SpareRoom.BYTES);
    Object before = Files.getLastModifiedTime(folder.resolve("spare"));
    room.putAside();
    assertThat(Files.getLastModifiedTime(folder.resolve("spare"))).isEqualTo(before);

    assertThat(room.giveUp()).isTrue();
    assertThat(room.giveUp()).isFalse();
    assertThat(folder.resolve("spare")).doesNotExist();
  }

  @Test
  void halfARoomIsMadeWhole() throws IOException {
    Files.write(folder.resolve("spare"), new byte[1000]);

    new SpareRoom(folder.resolve("spare")).putAside();

    assertThat(Files.size(folder.resolve("spare"))).isEqualTo(SpareRoom.BYTES);
  }
}
