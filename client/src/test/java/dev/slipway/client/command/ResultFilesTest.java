package dev.slipway.client.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.client.build.BuildSpec.Output;
import dev.slipway.client.session.OutputSinks.Sink;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.NotFound;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What the real buildx writes with a remote driver is what is wanted here.
final class ResultFilesTest {
  @TempDir Path folder;

  @Test
  void theIdOfOneImageIsItsConfigsDigest() {
    files("id").write(Map.of("containerimage.digest", "d", "containerimage.config.digest", "c"));
    assertThat(folder.resolve("id")).hasContent("c");

    files("id").write(Map.of("containerimage.digest", "d"));
    assertThat(folder.resolve("id")).as("of several platforms").hasContent("d");

    files("id").write(Map.of());
    assertThat(folder.resolve("id")).as("of no image").isEmptyFile();
  }

  @Test
  void whatAnEarlierBuildWroteGoesBeforeTheBuild() throws IOException {
    Files.writeString(folder.resolve("id"), "of an earlier build");

    files("id").prepare();

    assertThat(folder.resolve("id")).doesNotExist();
  }

  @Test
  void aPlaceThatIsNotThereIsToldBeforeTheBuild() {
    Path absent = folder.resolve("absent/file");
    String message = "invalid output path: stat " + absent.getParent() + ": no such file or";

    assertThatThrownBy(new ResultFiles(Optional.empty(), Optional.of(absent))::prepare)
        .isInstanceOf(NotFound.class)
        .hasMessageStartingWith(message);
    assertThatThrownBy(new ResultFiles(Optional.of(absent), Optional.empty())::prepare)
        .isInstanceOf(NotFound.class)
        .hasMessageStartingWith(message);
    new ResultFiles(Optional.empty(), Optional.of(Path.of("here"))).prepare();
  }

  @ParameterizedTest
  @ValueSource(strings = {"local", "tar"})
  void filesHaveNoImageId(String type) {
    List<Output> outputs = List.of(new Output(type, Map.of(), new Sink.None()));

    assertThatThrownBy(() -> files("id").requireFitting(outputs))
        .isInstanceOf(InvalidRequest.class)
        .hasMessage("local and tar exporters are incompatible with image ID file");
    new ResultFiles(Optional.empty(), Optional.empty()).requireFitting(outputs);
    files("id").requireFitting(List.of(new Output("image", Map.of(), new Sink.None())));
  }

  private ResultFiles files(String imageId) {
    return new ResultFiles(Optional.of(folder.resolve(imageId)), Optional.empty());
  }
}
