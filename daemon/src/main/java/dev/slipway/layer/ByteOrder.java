package dev.slipway.layer;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;

/// Orders names by their UTF-8 bytes, as Go orders strings; Java's own order differs beyond the
/// basic plane.
final class ByteOrder {
  static final Comparator<String> OF_NAMES =
      (a, b) ->
          Arrays.compareUnsigned(
              a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));

  private ByteOrder() {}
}
