package dev.slipway.llbsolver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.failure.InvalidRequest;
import dev.slipway.frontend.FrontendRef;
import dev.slipway.frontend.FrontendResult;
import dev.slipway.fsutil.Stat;
import dev.slipway.llb.Definition;
import dev.slipway.oci.Platform;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class RequestedPlatformsTest {
  private static final Optional<FrontendRef> TREE = Optional.of(new Unread());

  private static List<String> warnings(String asked, FrontendResult result) {
    return RequestedPlatforms.warnings(
        asked.isEmpty() ? Map.of() : Map.of("platform", asked), result);
  }

  private static FrontendResult single(String config) {
    return FrontendResult.of(TREE, metadata("containerimage.config", config));
  }

  private static FrontendResult of(String... platforms) {
    SequencedMap<String, Optional<FrontendRef>> refs = new LinkedHashMap<>();
    Arrays.stream(platforms).forEach(platform -> refs.put(platform, TREE));
    String list =
        Arrays.stream(platforms)
            .map(Platform::parse)
            .map(
                platform ->
                    "{\"ID\":\"%s\",\"Platform\":{\"os\":\"%s\",\"architecture\":\"%s\",\"variant\":\"%s\"}}"
                        .formatted(
                            platform, platform.os(), platform.architecture(), platform.variant()))
            .collect(Collectors.joining(","));
    return FrontendResult.ofPlatforms(
        refs, metadata("refs.platforms", "{\"Platforms\":[" + list + "]}"));
  }

  private static SequencedMap<String, byte[]> metadata(String key, String value) {
    SequencedMap<String, byte[]> metadata = new LinkedHashMap<>();
    metadata.put(key, value.getBytes(StandardCharsets.UTF_8));
    return metadata;
  }

  @Test
  void whatWasAskedForGivesNoWarning() {
    FrontendResult arm = single("{\"os\":\"linux\",\"architecture\":\"arm\",\"variant\":\"v7\"}");

    assertThat(warnings("linux/arm/v7", arm)).isEmpty();
    assertThat(warnings("linux/arm", arm)).isEmpty();
    assertThat(warnings("", FrontendResult.of(TREE, new LinkedHashMap<>()))).isEmpty();
    assertThat(warnings("linux/arm64,linux/amd64", of("linux/amd64", "linux/arm64"))).isEmpty();
    assertThat(warnings("linux/arm64", of("linux/arm64"))).isEmpty();
  }

  @Test
  void aVersionThatNobodyAskedForIsNoDifference() {
    FrontendResult windows =
        single("{\"os\":\"windows\",\"architecture\":\"amd64\",\"os.version\":\"10.0.1\"}");

    assertThat(warnings("windows/amd64", windows)).isEmpty();
    assertThat(warnings("windows(10.0.2)/amd64", windows))
        .containsExactly(
            "Requested platform \"windows(10.0.2)/amd64\" does not match result platform"
                + " \"windows(10.0.1)/amd64\"");
  }

  @Test
  void anotherResultIsWarnedOf() {
    assertThat(warnings("linux/arm64", single("{\"os\":\"linux\",\"architecture\":\"amd64\"}")))
        .containsExactly(
            "Requested platform \"linux/arm64\" does not match result platform \"linux/amd64\"");
    assertThat(warnings("linux/amd64,linux/arm64", single("{}")))
        .containsExactly("Multiple platforms requested but result is not multi-platform");
    assertThat(warnings("linux/arm64,linux/amd64", of("linux/s390x", "linux/amd64")))
        .containsExactly(
            "Requested platforms linux/amd64,linux/arm64 do not match result platforms"
                + " linux/amd64,linux/s390x");
    assertThat(warnings("linux/arm64", of("linux/arm64", "linux/amd64")))
        .containsExactly(
            "Requested platforms linux/arm64 do not match result platforms"
                + " linux/amd64,linux/arm64");
  }

  @Test
  void requestsThatMakeNoSenseAreWarnedOf() {
    assertThat(warnings("linux/amd64,linux/x86_64", of("linux/amd64")))
        .containsExactly("Duplicate platform result requested \"linux/x86_64\"");
    assertThat(warnings("linux/a/b/c", of("linux/amd64")))
        .singleElement()
        .asString()
        .startsWith("Invalid platform result requested \"linux/a/b/c\": ");
  }

  @Test
  void nothingIsSaidOfNoResult() {
    assertThat(
            warnings(
                "linux/amd64,linux/arm64",
                FrontendResult.of(Optional.empty(), new LinkedHashMap<>())))
        .isEmpty();
  }

  @Test
  void severalResultsNeedTheirPlatforms() {
    SequencedMap<String, Optional<FrontendRef>> refs = new LinkedHashMap<>();
    refs.put("linux/amd64", TREE);

    assertThatThrownBy(() -> warnings("", FrontendResult.ofPlatforms(refs, new LinkedHashMap<>())))
        .isInstanceOf(InvalidRequest.class)
        .hasMessage("build result contains multiple refs without platforms mapping");
  }

  /// A result that nobody may look into.
  private record Unread() implements FrontendRef {
    @Override
    public String id() {
      return "unread";
    }

    @Override
    public Definition definition() {
      throw new IllegalStateException("not to be asked");
    }

    @Override
    public void evaluate() {
      throw new IllegalStateException("not to be evaluated");
    }

    @Override
    public byte[] readFile(String path, Optional<ByteRange> range) {
      throw new IllegalStateException("not to be read");
    }

    @Override
    public List<Stat> readDirectory(String path, Optional<String> pattern) {
      throw new IllegalStateException("not to be read");
    }

    @Override
    public Stat stat(String path) {
      throw new IllegalStateException("not to be read");
    }
  }
}
