package dev.slipway.exporter;

import dev.slipway.failure.InvalidRequest;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// What an exporter is told of times: the attribute `source-date-epoch`, else what the frontend
/// says in the result's metadata.
///
/// @param attribute absent: the attribute was not given; present and empty: it clears whatever the
///   result says
public record Epoch(Optional<OptionalLong> attribute) {
  private static final String ATTRIBUTE = "source-date-epoch";
  private static final String METADATA = "source.date.epoch";
  private static final long NANOS = 1_000_000_000L;

  /// @throws InvalidRequest the attribute is no number of seconds
  public static Epoch of(Map<String, String> attributes) {
    return new Epoch(Optional.ofNullable(attributes.get(ATTRIBUTE)).map(Epoch::seconds));
  }

  /// Nanoseconds since 1970 that entries of this platform's result get.
  OptionalLong of(Map<String, byte[]> metadata, String platform) {
    OptionalLong seconds = attribute.orElseGet(() -> told(metadata, platform));
    return seconds.isPresent() ? OptionalLong.of(seconds.getAsLong() * NANOS) : seconds;
  }

  private static OptionalLong told(Map<String, byte[]> metadata, String platform) {
    byte[] general = metadata.get(METADATA);
    byte[] own =
        metadata.containsKey(METADATA + "/" + platform)
            ? metadata.get(METADATA + "/" + platform)
            : general;
    return own == null ? OptionalLong.empty() : seconds(new String(own, StandardCharsets.UTF_8));
  }

  private static OptionalLong seconds(String text) {
    if (text.isEmpty()) {
      return OptionalLong.empty();
    }
    if (!text.matches("-?[0-9]{1,11}")) {
      throw new InvalidRequest("invalid SOURCE_DATE_EPOCH: " + text);
    }
    return OptionalLong.of(Long.parseLong(text));
  }
}
