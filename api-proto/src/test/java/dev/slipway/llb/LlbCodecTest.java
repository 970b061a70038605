package dev.slipway.llb;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.slipway.oci.Digest;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class LlbCodecTest {
  static Stream<String> golden() {
    return GoldenDefinitions.names();
  }

  @ParameterizedTest
  @MethodSource("golden")
  void givesBackTheBytesItDecoded(String name) {
    Definition definition = LlbDecoder.decode(GoldenDefinitions.encoded(name));

    assertThat(LlbEncoder.encodeBytes(definition)).isEqualTo(GoldenDefinitions.encoded(name));
    assertThat(definition.head().map(head -> head.vertex().toString()).orElse(""))
        .isEqualTo(GoldenDefinitions.head(name));
  }

  @ParameterizedTest
  @MethodSource("golden")
  void encodesTheTypedModelToTheSameDigests(String name) {
    Definition definition = LlbDecoder.decode(GoldenDefinitions.encoded(name));
    SequencedMap<Digest, OpVertex> fromModel = new LinkedHashMap<>();

    definition
        .vertices()
        .values()
        .forEach(
            v -> {
              OpVertex made =
                  LlbEncoder.vertex(
                      v.inputs(), v.op(), v.platform(), v.workerFilters(), v.metadata());
              fromModel.put(made.digest(), made);
            });

    assertThat(fromModel).isEqualTo(definition.vertices());
  }

  @Test
  void stepsThatReachTheNetworkByProxyAreStepsOfTheirOwn() {
    Definition before = LlbDecoder.decode(GoldenDefinitions.encoded("exec-args"));

    Definition proxied = LlbEncoder.withProxyNetwork(before);

    OpVertex step = before.vertices().lastEntry().getValue();
    Digest expected =
        Digest.ofBytes(
            step.encoded()
                .concat(ByteString.copyFromUtf8("\0buildkit.proxy-network.v0"))
                .toByteArray());
    assertThat(step.op()).isInstanceOf(ExecOp.class);
    assertThat(proxied.vertices().lastEntry().getKey()).isEqualTo(expected);
    assertThat(proxied.vertices().lastEntry().getValue().op()).isEqualTo(step.op());
    assertThat(proxied.head().orElseThrow().vertex()).isEqualTo(expected);
    assertThat(proxied.vertices().firstEntry()).isEqualTo(before.vertices().firstEntry());
  }

  @Test
  void aDefinitionWithoutOpsIsScratch() {
    Definition definition = LlbDecoder.decode(dev.slipway.api.ops.Definition.getDefaultInstance());

    assertThat(definition.isScratch()).isTrue();
    assertThat(LlbEncoder.encodeBytes(definition).isEmpty()).isTrue();
  }

  @Test
  void replacedSourcesChangeTheDigestsOfAllThatUseThem() {
    Definition before = LlbDecoder.decode(GoldenDefinitions.encoded("exec-args"));

    Definition after =
        LlbEncoder.withSources(
            before,
            vertex ->
                vertex.op() instanceof SourceOp source
                    ? Optional.of(new SourceOp(source.identifier() + "x", source.attributes()))
                    : Optional.empty());

    assertThat(after.vertices()).hasSameSizeAs(before.vertices());
    assertThat(after.vertices().keySet()).doesNotContainAnyElementsOf(before.vertices().keySet());
    assertThat(LlbDecoder.decode(LlbEncoder.encode(after))).isEqualTo(after);
  }

  @Test
  void anUntouchedDefinitionKeepsItsDigests() {
    Definition before = LlbDecoder.decode(GoldenDefinitions.encoded("meta-sourcemap-two"));

    assertThat(LlbEncoder.withSources(before, _ -> Optional.empty())).isEqualTo(before);
  }
}
