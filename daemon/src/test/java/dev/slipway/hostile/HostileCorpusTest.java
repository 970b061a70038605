package dev.slipway.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.slipway.frontend.dockerfile.convert.DockerfileFuzz;
import dev.slipway.layer.LayerFuzz;
import dev.slipway.llbsolver.DefinitionFuzz;
import dev.slipway.session.TunnelFuzz;
import dev.slipway.source.local.TransferFuzz;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Inputs that fuzzers start from, and what little they found. Each is taken or refused, soon, and
/// changes nothing that is not its own.
class HostileCorpusTest {
  private enum Target {
    DEFINITION(DefinitionFuzz::fuzzerTestOneInput),
    DOCKERFILE(DockerfileFuzz::fuzzerTestOneInput),
    LAYER(LayerFuzz::fuzzerTestOneInput),
    TRANSFER(TransferFuzz::fuzzerTestOneInput),
    TUNNEL(TunnelFuzz::fuzzerTestOneInput);

    private final Consumer<byte[]> feed;

    Target(Consumer<byte[]> feed) {
      this.feed = feed;
    }

    List<Path> inputs() throws IOException, URISyntaxException {
      String folder = "/hostile/" + name().toLowerCase(java.util.Locale.ROOT);
      Path path =
          Path.of(Objects.requireNonNull(HostileCorpusTest.class.getResource(folder)).toURI());
      try (Stream<Path> files = Files.list(path)) {
        return files.sorted().toList();
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  @Timeout(120)
  void everyKeptInputIsTakenOrRefused(Target target) throws IOException, URISyntaxException {
    List<Path> inputs = target.inputs();

    assertThat(inputs).isNotEmpty();
    for (Path input : inputs) {
      byte[] bytes = Files.readAllBytes(input);
      assertThatCode(() -> target.feed.accept(bytes))
          .as("input %s of %s", input.getFileName(), target)
          .doesNotThrowAnyException();
    }
  }
}
