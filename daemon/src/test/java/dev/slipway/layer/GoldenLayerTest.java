package dev.slipway.layer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.content.testing.InMemoryContentStore;
import dev.slipway.layer.LayerWriter.WrittenLayer;
import dev.slipway.layer.testing.UnprivilegedKernel;
import dev.slipway.oci.DiffId;
import dev.slipway.oci.Digest;
import dev.slipway.oci.MediaType;
import dev.slipway.progress.ProgressSink;
import dev.slipway.progress.VertexProgress;
import dev.slipway.task.Clock;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Layers that the genuine daemon wrote, unpacked and written again.
class GoldenLayerTest {
  private static final LayerCompression PLAIN =
      new LayerCompression(LayerCompression.Kind.UNCOMPRESSED, Optional.empty(), false, true);

  private final UnprivilegedKernel kernel = new UnprivilegedKernel();
  private final VertexProgress progress =
      new VertexProgress(Digest.EMPTY, ProgressSink.none(), Clock.system());

  @TempDir Path folder;

  @TestFactory
  Stream<DynamicTest> layersWrittenByBuildkitComeOutEqualByteForByte() {
    return Stream.of(
            "busybox-whiteout",
            "scratch-many",
            "scratch-copy",
            "gold-run",
            "gold-workdir",
            "multi-stage",
            "heredoc-args")
        .map(name -> DynamicTest.dynamicTest(name, () -> unpackAndWriteAgain(name)));
  }

  private void unpackAndWriteAgain(String name) throws IOException {
    JsonNode golden = golden(name);
    Map<String, byte[]> layers = new HashMap<>();
    for (JsonNode layer : golden.get("layers")) {
      if (layer.has("gzipBase64")) {
        layers.put(layer.get("digest").asString(), gunzip(layer.get("gzipBase64").asString()));
      }
    }
    List<Path> below = new ArrayList<>();
    int compared = 0;
    for (JsonNode layer : manifest(golden).get("layers")) {
      Path directory = Files.createDirectories(folder.resolve(name + "-" + below.size()));
      DiffId expected = DiffId.parse(layer.get("digest").asString());
      byte[] bytes = layers.get(expected.toString());
      if (bytes == null) {
        makeBusyboxBase(directory);
        below.add(directory);
        continue;
      }

      DiffId applied =
          new LayerApplier(kernel)
              .apply(new ByteArrayInputStream(bytes), MediaType.OCI_LAYER, directory)
              .diffId();

      assertThat(applied).isEqualTo(expected);
      if (layer.has("annotations")) {
        try (InMemoryContentStore store = new InMemoryContentStore()) {
          WrittenLayer written =
              new OverlayLayerWriter(kernel).write(directory, below, PLAIN, store, progress);
          assertThat(written.diffId()).isEqualTo(expected);
          assertThat(written.blob().digest()).isEqualTo(expected.digest());
          assertThat(written.blob().bytes()).isEqualTo(bytes.length);
          compared++;
        }
      }
      below.add(directory);
    }
    assertThat(compared).isPositive();
  }

  /// As much of the base image as the recorded layers delete from.
  private static void makeBusyboxBase(Path directory) throws IOException {
    Files.createDirectories(directory.resolve("home"));
    Files.createDirectories(directory.resolve("tmp"));
  }

  @Test
  void anOpaqueDirectoryIsToldAsWhatItDeletes() throws IOException {
    JsonNode golden = golden("busybox-whiteout");
    List<JsonNode> layers = new ArrayList<>();
    golden.get("layers").forEach(layers::add);
    List<Path> below = new ArrayList<>();
    for (JsonNode layer : layers.subList(1, 3)) {
      Path directory = Files.createDirectories(folder.resolve("o" + below.size()));
      if (below.isEmpty()) {
        makeBusyboxBase(directory);
      }
      apply(layer, directory);
      below.add(directory);
    }
    Path upper = Files.createDirectories(folder.resolve("upper"));
    Files.createDirectories(upper.resolve("q"));
    Files.writeString(upper.resolve("q/n"), "new\n");
    kernel.setMode(upper.resolve("q"), 0755);
    kernel.setMode(upper.resolve("q/n"), 0644);
    kernel.setExtendedAttribute(upper.resolve("q"), "trusted.overlay.opaque", new byte[] {'y'});
    kernel.setModifiedTime(upper.resolve("q/n"), 1_700_000_000_123_456_789L);
    kernel.setModifiedTime(upper.resolve("q"), 1_700_000_000_999_999_999L);

    try (InMemoryContentStore store = new InMemoryContentStore()) {
      WrittenLayer written =
          new OverlayLayerWriter(kernel).write(upper, below, PLAIN, store, progress);

      assertThat(written.diffId().toString()).isEqualTo(layers.get(3).get("digest").asString());
    }
  }

  private void apply(JsonNode layer, Path directory) throws IOException {
    new LayerApplier(kernel)
        .apply(
            new ByteArrayInputStream(gunzip(layer.get("gzipBase64").asString())),
            MediaType.OCI_LAYER,
            directory);
  }

  private static JsonNode manifest(JsonNode golden) {
    String digest = golden.get("root").asString();
    return JsonMapper.shared().readTree(golden.get("documents").get(digest).asString());
  }

  private static JsonNode golden(String name) throws IOException {
    try (InputStream in =
        GoldenLayerTest.class.getResourceAsStream("/golden/images/" + name + ".json")) {
      return JsonMapper.shared().readTree(in);
    }
  }

  private static byte[] gunzip(String base64) throws IOException {
    try (InputStream in =
        new GZIPInputStream(new ByteArrayInputStream(Base64.getDecoder().decode(base64)))) {
      return in.readAllBytes();
    }
  }
}
