package dev.slipway.op;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.slipway.device.DeviceRegistry;
import dev.slipway.llb.BuildOp;
import dev.slipway.llb.Definition;
import dev.slipway.llb.DiffOp;
import dev.slipway.llb.ExecOp;
import dev.slipway.llb.FileOp;
import dev.slipway.llb.LlbDecoder;
import dev.slipway.llb.MergeOp;
import dev.slipway.llb.OpVertex;
import dev.slipway.llb.PassthroughOp;
import dev.slipway.llb.SourceOp;
import dev.slipway.oci.Digest;
import dev.slipway.oci.Platform;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What the genuine daemon hashed while it solved these definitions (golden data recorded from
/// BuildKit v0.32.2): our text for every op must be among it, to the byte.
final class GoldenCacheDigestTest {
  private static final Map<String, String> RECORDED =
      lines("digests.txt")
          .collect(Collectors.toMap(line -> line.substring(0, 71), line -> line.substring(72)));

  static Stream<String> definitions() {
    return lines("definitions.txt");
  }

  @ParameterizedTest
  @MethodSource("definitions")
  void everyOpIsHashedAsTheGenuineDaemonDoes(String line) {
    String name = line.substring(0, line.indexOf(' '));
    byte[] bytes = Base64.getDecoder().decode(line.substring(line.indexOf(' ') + 1));
    Definition definition = LlbDecoder.decode(ByteString.copyFrom(bytes));

    for (OpVertex vertex : definition.vertices().values()) {
      json(vertex)
          .ifPresent(
              text ->
                  assertThat(RECORDED)
                      .as("%s: text hashed for %s", name, vertex.op())
                      .containsEntry(Digest.ofText(text).toString(), text));
    }
  }

  @ParameterizedTest
  @MethodSource("definitions")
  void everyFileSelectorIsHashedAsTheGenuineDaemonDoes(String line) {
    byte[] bytes = Base64.getDecoder().decode(line.substring(line.indexOf(' ') + 1));
    Definition definition = LlbDecoder.decode(ByteString.copyFrom(bytes));

    for (OpVertex vertex : definition.vertices().values()) {
      if (vertex.op() instanceof FileOp op) {
        FileCacheMap.inputs(op, vertex.inputs().size()).stream()
            .flatMap(part -> part.selector().stream())
            .forEach(selector -> assertThat(RECORDED).containsKey(selector.toString()));
      }
    }
  }

  @Test
  void theRecordingCoversEveryKindOfOp() {
    assertThat(RECORDED.values())
        .anyMatch(text -> text.contains("buildkit.exec.v0"))
        .anyMatch(text -> text.contains("buildkit.file.v0"))
        .anyMatch(text -> text.contains("buildkit.merge.v0"))
        .anyMatch(text -> text.contains("buildkit.build.v0"))
        .anyMatch(text -> text.contains("buildkit.passthrough.v0"));
  }

  private static Optional<String> json(OpVertex vertex) {
    Platform platform = vertex.platform().orElse(Platform.LINUX_AMD64);
    return switch (vertex.op()) {
      case ExecOp op ->
          Optional.of(
              ExecCacheMap.json(DeviceGrants.NONE.granted(op, DeviceRegistry.EMPTY), platform));
      case FileOp op -> Optional.of(FileCacheMap.json(op, vertex.inputs().size()));
      case MergeOp op -> Optional.of(MergeOpEvaluator.json(op));
      case BuildOp op -> Optional.of(BuildOpEvaluator.json(op));
      case PassthroughOp op -> Optional.of(PassthroughOpEvaluator.json(op));
      // the recording has no digests of diffs: their keys were not asked for
      case DiffOp _ -> Optional.empty();
      case SourceOp _ -> Optional.empty();
    };
  }

  private static Stream<String> lines(String resource) {
    try (InputStream in = GoldenCacheDigestTest.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("no resource " + resource);
      }
      List<String> lines = new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
      return lines.stream();
    } catch (IOException unreadable) {
      throw new IllegalStateException(unreadable);
    }
  }
}
