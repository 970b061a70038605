package dev.slipway.client.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.api.control.StatusResponse;
import dev.slipway.api.control.Vertex;
import dev.slipway.client.progress.ProgressDisplay;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TracedDisplayTest {
  private final List<String> shown = new ArrayList<>();

  @Test
  void writesWhatItShows(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("trace");
    Files.writeString(file, "old");

    try (ProgressDisplay display = TracedDisplay.open(new Names(), file)) {
      display.show(update("one"));
      display.show(update("two"));
    }

    assertThat(shown).containsExactly("one", "two", "closed");
    assertThat(Files.readAllLines(file))
        .containsExactly(
            "{\"vertexes\":[{\"digest\":\"\",\"name\":\"one\"}]}",
            "{\"vertexes\":[{\"digest\":\"\",\"name\":\"two\"}]}");
  }

  private static StatusResponse update(String name) {
    return StatusResponse.newBuilder().addVertexes(Vertex.newBuilder().setName(name)).build();
  }

  private final class Names implements ProgressDisplay {
    @Override
    public void show(StatusResponse update) {
      update.getVertexesList().forEach(vertex -> shown.add(vertex.getName()));
    }

    @Override
    public void close() {
      shown.add("closed");
    }
  }
}
