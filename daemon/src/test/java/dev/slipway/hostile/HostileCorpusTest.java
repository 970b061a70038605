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
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Inputs that fuzzers start from, and those they found on the way that each reach code no other
/// does. Each is taken or refused, soon, and changes nothing that is not its own.
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

    /// By name.
    SortedMap<String, byte[]> inputs() throws IOException, URISyntaxException {
      String folder = "/hostile/" + name().toLowerCase(Locale.ROOT);
      SortedMap<String, byte[]> inputs = new TreeMap<>();
      Path path =
          Path.of(Objects.requireNonNull(HostileCorpusTest.class.getResource(folder)).toURI());
      try (DirectoryStream<Path> files = Files.newDirectoryStream(path)) {
        for (Path file : files) {
          inputs.put(file.getFileName().toString(), Files.readAllBytes(file));
        }
      }
      try (ZipInputStream found =
          new ZipInputStream(
              Objects.requireNonNull(
                  HostileCorpusTest.class.getResourceAsStream(folder + "-found.zip")))) {
        for (ZipEntry entry = found.getNextEntry(); entry != null; entry = found.getNextEntry()) {
          inputs.put("found " + entry.getName(), found.readAllBytes());
        }
      }
      return inputs;
    }
  }

  @ParameterizedTest
  @EnumSource
  @Timeout(120)
  void everyKeptInputIsTakenOrRefused(Target target) throws IOException, URISyntaxException {
    SortedMap<String, byte[]> inputs = target.inputs();

    assertThat(inputs).isNotEmpty();
    inputs.forEach(
        (name, bytes) ->
            assertThatCode(() -> target.feed.accept(bytes))
                .as("input %s of %s", name, target)
                .doesNotThrowAnyException());
  }
}
