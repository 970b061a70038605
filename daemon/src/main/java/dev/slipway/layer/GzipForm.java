package dev.slipway.layer;

import dev.slipway.kernel.Deflate;
import java.util.Optional;

/// By what, and how hard, gzip is compressed.
///
/// @param level 0 to 9
record GzipForm(Deflate deflate, int level) {
  private static final int ONLY_HUFFMAN = -2;

  /// @param level as Go's `compress/gzip` counts them: beyond gzip's, -1 is the default and -2 does
  ///   without looking for repetitions, which the fastest level comes next to
  static GzipForm of(Deflate deflate, Optional<Integer> level) {
    int asked = level.orElse(Deflate.STANDARD_LEVEL);
    return new GzipForm(
        deflate,
        switch (asked) {
          case ONLY_HUFFMAN -> 1;
          case -1 -> Deflate.STANDARD_LEVEL;
          default -> Math.clamp(asked, 0, 9);
        });
  }
}
