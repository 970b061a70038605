package dev.slipway.llbsolver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.failure.InvalidRequest;
import dev.slipway.frontend.FrontendResult;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PlatformCheckTest {
  @ParameterizedTest
  @CsvSource({
    "linux/amd64, linux/amd64",
    "'linux/amd64,linux/arm64', 'linux/arm64,linux/amd64'",
    "linux/arm64/v8, linux/arm64",
  })
  void saysNothingWhereAllIsAsAskedFor(String asked, String made) {
    assertThat(PlatformCheck.warnings(Optional.of(asked), result(made))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "linux/amd64, linux/arm64,"
        + " 'Requested platform \"linux/amd64\" does not match result platform \"linux/arm64\"'",
    "linux/amd64, 'linux/arm64,linux/amd64',"
        + " 'Requested platforms linux/amd64 do not match result platforms linux/amd64,linux/arm64'",
    "'linux/amd64,linux/amd64', linux/amd64,"
        + " 'Duplicate platform result requested \"linux/amd64\"'",
  })
  void saysWhatDiffers(String asked, String made, String warning) {
    assertThat(PlatformCheck.warnings(Optional.of(asked), result(made))).containsExactly(warning);
  }

  @Test
  void namesWhatIsNoPlatform() {
    assertThat(PlatformCheck.warnings(Optional.of("a b"), result("linux/amd64")))
        .singleElement()
        .asString()
        .startsWith("Invalid platform result requested \"a b\": ");
  }

  @Test
  void anEmptyResultIsForNoPlatform() {
    FrontendResult empty = FrontendResult.of(Optional.empty(), new LinkedHashMap<>());

    assertThat(PlatformCheck.warnings(Optional.of("linux/amd64,linux/arm64"), empty)).isEmpty();
  }

  @Test
  void refusesSeveralResultsOfUnknownPlatforms() {
    SequencedMap<String, Optional<dev.slipway.frontend.FrontendRef>> refs = new LinkedHashMap<>();
    refs.put("one", Optional.empty());
    FrontendResult unnamed = FrontendResult.ofPlatforms(refs, new LinkedHashMap<>());

    assertThatThrownBy(() -> PlatformCheck.warnings(Optional.empty(), unnamed))
        .isInstanceOf(InvalidRequest.class);
  }

  private static FrontendResult result(String platforms) {
    List<String> names = List.of(platforms.split(",", -1));
    SequencedMap<String, Optional<dev.slipway.frontend.FrontendRef>> refs = new LinkedHashMap<>();
    names.forEach(name -> refs.put(name, Optional.empty()));
    String json =
        names.stream()
            .map(name -> name.split("/", -1))
            .map(
                parts ->
                    """
                    {"ID":"%s/%s","Platform":{"os":"%s","architecture":"%s"}}"""
                        .formatted(parts[0], parts[1], parts[0], parts[1]))
            .collect(Collectors.joining(",", "{\"Platforms\":[", "]}"));
    SequencedMap<String, byte[]> metadata = new LinkedHashMap<>();
    metadata.put("refs.platforms", json.getBytes(StandardCharsets.UTF_8));
    return FrontendResult.ofPlatforms(refs, metadata);
  }
}
